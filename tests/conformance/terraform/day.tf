# A day in the life of a project, through Terraform's provider. Who and where come from the OS_*
# variables. The provider can take a snapshot neither of a volume nor of a server.
terraform {
  required_providers {
    openstack = { source = "terraform-provider-openstack/openstack" }
  }
}

variable "content" { description = "The file that is the image's data." }
variable "flavor" { default = "m1.tiny" }
variable "state" { default = "new" }
variable "gigabytes" { default = 1 }

data "openstack_compute_flavor_v2" "chosen" { name = var.flavor }

data "openstack_images_image_v2" "cirros" {
  name        = "cirros-0.6.3-x86_64-disk"
  most_recent = true
}

data "openstack_networking_network_v2" "public" { external = true }

resource "openstack_images_image_v2" "own" {
  name             = "own"
  local_file_path  = var.content
  container_format = "bare"
  disk_format      = "raw"
  min_disk_gb      = 1
  tags             = ["day"]
  properties       = { os_distro = "own" }
}

resource "openstack_compute_keypair_v2" "own" { name = "own" }

resource "openstack_compute_servergroup_v2" "apart" {
  name     = "apart"
  policies = ["anti-affinity"]
}

resource "openstack_networking_network_v2" "own" {
  name        = "own"
  description = "of the day"
  tags        = ["day", var.state]
}

resource "openstack_networking_subnet_v2" "own4" {
  name            = "own4"
  network_id      = openstack_networking_network_v2.own.id
  cidr            = "10.9.0.0/24"
  dns_nameservers = ["192.0.2.1", "192.0.2.2"]
  allocation_pool {
    start = "10.9.0.100"
    end   = "10.9.0.199"
  }
}

resource "openstack_networking_router_v2" "own" {
  name                = "own"
  external_network_id = data.openstack_networking_network_v2.public.id
}

resource "openstack_networking_router_interface_v2" "own4" {
  router_id = openstack_networking_router_v2.own.id
  subnet_id = openstack_networking_subnet_v2.own4.id
}

resource "openstack_networking_secgroup_v2" "web" {
  name                 = "web"
  delete_default_rules = true
}

resource "openstack_networking_secgroup_rule_v2" "web" {
  for_each          = { http = 80, https = 443 }
  security_group_id = openstack_networking_secgroup_v2.web.id
  description       = each.key
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = each.value
  port_range_max    = each.value
  remote_ip_prefix  = "0.0.0.0/0"
}

resource "openstack_networking_secgroup_rule_v2" "out" {
  for_each          = toset(["IPv4", "IPv6"])
  security_group_id = openstack_networking_secgroup_v2.web.id
  direction         = "egress"
  ethertype         = each.key
}

resource "openstack_networking_port_v2" "vm" {
  name               = "vm"
  network_id         = openstack_networking_network_v2.own.id
  security_group_ids = [openstack_networking_secgroup_v2.web.id]
  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.own4.id
    ip_address = "10.9.0.11"
  }
  allowed_address_pairs { ip_address = "10.9.0.12" }
}

resource "openstack_networking_floatingip_v2" "vm" {
  pool       = data.openstack_networking_network_v2.public.name
  port_id    = openstack_networking_port_v2.vm.id
  depends_on = [openstack_networking_router_interface_v2.own4]
}

resource "openstack_compute_instance_v2" "vm" {
  name      = "vm-${var.state}"
  image_id  = data.openstack_images_image_v2.cirros.id
  flavor_id = data.openstack_compute_flavor_v2.chosen.id
  key_pair  = openstack_compute_keypair_v2.own.name
  user_data = "#!/bin/sh\nexit 0\n"
  metadata  = { state = var.state, (var.state) = "yes" }
  tags      = ["day", var.state]
  network { port = openstack_networking_port_v2.vm.id }
  scheduler_hints { group = openstack_compute_servergroup_v2.apart.id }
}

# It boots from a volume that goes with it.
resource "openstack_compute_instance_v2" "booted" {
  name            = "booted"
  flavor_name     = "m1.tiny"
  security_groups = [openstack_networking_secgroup_v2.web.name]
  block_device {
    uuid                  = data.openstack_images_image_v2.cirros.id
    source_type           = "image"
    destination_type      = "volume"
    volume_size           = 2
    delete_on_termination = true
  }
  network { uuid = openstack_networking_network_v2.own.id }
  scheduler_hints { group = openstack_compute_servergroup_v2.apart.id }
  depends_on = [openstack_networking_subnet_v2.own4]
}

resource "openstack_blockstorage_volume_v3" "data" {
  name                 = "data"
  size                 = var.gigabytes
  metadata             = { state = var.state }
  enable_online_resize = true
}

resource "openstack_compute_volume_attach_v2" "data" {
  instance_id = openstack_compute_instance_v2.vm.id
  volume_id   = openstack_blockstorage_volume_v3.data.id
}

output "made" {
  value = {
    address     = openstack_compute_instance_v2.vm.access_ip_v4
    booted      = cidrhost("${openstack_compute_instance_v2.booted.access_ip_v4}/24", 0)
    device      = openstack_compute_volume_attach_v2.data.device
    image       = openstack_images_image_v2.own.status
    key         = split(" ", openstack_compute_keypair_v2.own.public_key)[0]
    router      = openstack_networking_router_v2.own.id
    power_state = openstack_compute_instance_v2.vm.power_state
    server      = openstack_compute_instance_v2.vm.id
    volume      = openstack_blockstorage_volume_v3.data.id
  }
}
