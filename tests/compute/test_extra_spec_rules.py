"""What is known of extra specs is checked, what is not is let through."""

from __future__ import annotations

import pytest

from emulator.compute.extra_spec_rules import refusal


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anything", "goes"),
        ("mine:anything", "goes"),
        ("hw:cpu_policy", "dedicated"),
        ("hw:numa_cpus.0", "1-3,^2"),
        ("hw:mem_page_size", "2MB"),
        ("resources:VCPU", "1"),
        ("resources1:CUSTOM_THING", "1"),
        ("trait:HW_NIC_VMDQ", "required"),
        ("trait_A:CUSTOM_THING", "forbidden"),
        ("capabilities:cpu_info:vendor", "Intel"),
        ("hw:boot_menu", "Yes"),
        ("quota:cpu_quota", "-1"),
        ("aggregate_instance_extra_specs:rack", "7"),
    ],
)
def test_good_extra_specs_are_let_through(name: str, value: str) -> None:
    assert refusal(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("hw:no_such", "1", "extra spec 'hw:no_such' does not appear to be a valid extra spec."),
        ("trait:NO_SUCH", "required", "does not appear to be a valid extra spec."),
        ("resources:NO_SUCH", "1", "does not appear to be a valid extra spec."),
        ("trait:HW_NIC_VMDQ", "maybe", "'maybe' is not one of: required, forbidden."),
        ("hw:numa_nodes", "x", "'x' is not a valid integer value."),
        ("hw:numa_nodes", "0", "'0' is less than the min value of '1'."),
        ("hw:redirected_usb_ports", "16", "'16' is greater than the max value of '15'."),
        ("hw:boot_menu", "maybe", "'maybe' is not a valid boolean-like value."),
        ("pci_passthrough:alias", "gpu", "'gpu' is not of the format '"),
    ],
)
def test_bad_extra_specs_are_refused_with_the_reason(name: str, value: str, why: str) -> None:
    told = refusal(name, value)
    assert told is not None
    assert told.startswith("Validation failed; ")
    assert why in told
