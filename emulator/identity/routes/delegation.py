"""Rows of everything by which somebody or something acts for a user."""

from emulator.identity import (
    access_rules,
    application_credentials,
    credentials,
    ec2,
    identity_providers,
    mappings,
    oauth1,
    oauth2,
    service_providers,
    trusts,
    users,
)
from emulator.identity.routes.row import on
from emulator.wire.operation import load

CREDENTIAL = load("credential", credentials.find, target=credentials.target)
TRUST = load("trust", trusts.find, target=trusts.target)
USER = load("user", users.find, target=users.target)

CREDENTIALS = (
    on(
        "GET",
        "/users/{user_id}/application_credentials",
        application_credentials.index,
        "list_application_credentials",
        query=application_credentials.LIST,
    ),
    on(
        "POST",
        "/users/{user_id}/application_credentials",
        application_credentials.create,
        "create_application_credential",
        body=application_credentials.CREATE,
        status=201,
    ),
    on(
        "GET",
        "/users/{user_id}/application_credentials/{application_credential_id}",
        application_credentials.show,
        body=application_credentials.SHOW,
    ),
    on(
        "DELETE",
        "/users/{user_id}/application_credentials/{application_credential_id}",
        application_credentials.delete,
    ),
    on(
        "GET",
        "/users/{user_id}/access_rules",
        access_rules.index,
        "list_access_rules",
        query=access_rules.LIST,
        load=USER,
    ),
    on(
        "GET",
        "/users/{user_id}/access_rules/{access_rule_id}",
        access_rules.show,
        "get_access_rule",
        load=USER,
    ),
    on(
        "DELETE",
        "/users/{user_id}/access_rules/{access_rule_id}",
        access_rules.delete,
        "delete_access_rule",
        load=USER,
    ),
    on("GET", "/credentials", credentials.index, query=credentials.LIST),
    on("POST", "/credentials", credentials.create, body=credentials.CREATE, status=201),
    on("GET", "/credentials/{credential_id}", credentials.show, "get_credential", load=CREDENTIAL),
    on(
        "PATCH",
        "/credentials/{credential_id}",
        credentials.update,
        "update_credential",
        body=credentials.UPDATE,
        load=CREDENTIAL,
    ),
    on(
        "DELETE",
        "/credentials/{credential_id}",
        credentials.delete,
        "delete_credential",
        load=CREDENTIAL,
    ),
    on("GET", "/users/{user_id}/credentials/OS-EC2", ec2.index, "ec2_list_credentials"),
    on("POST", "/users/{user_id}/credentials/OS-EC2", ec2.create, body=ec2.ANY, status=201),
    on("GET", "/users/{user_id}/credentials/OS-EC2/{credential_id}", ec2.show),
    on("DELETE", "/users/{user_id}/credentials/OS-EC2/{credential_id}", ec2.delete),
    on("POST", "/ec2tokens", ec2.ec2_token, "ec2tokens_validate", body=ec2.ANY),
    on("POST", "/s3tokens", ec2.s3_token, "s3tokens_validate", body=ec2.ANY),
)

TRUSTS = (
    on("GET", "/OS-TRUST/trusts", trusts.index, query=trusts.LIST),
    on("POST", "/OS-TRUST/trusts", trusts.create, body=trusts.CREATE, status=201),
    on("GET", "/OS-TRUST/trusts/{trust_id}", trusts.show, "get_trust", load=TRUST),
    on("DELETE", "/OS-TRUST/trusts/{trust_id}", trusts.delete, "delete_trust", load=TRUST),
    on(
        "GET",
        "/OS-TRUST/trusts/{trust_id}/roles",
        trusts.role_index,
        "list_roles_for_trust",
        load=TRUST,
    ),
    on(
        "GET",
        "/OS-TRUST/trusts/{trust_id}/roles/{role_id}",
        trusts.role_show,
        "get_role_for_trust",
        load=TRUST,
    ),
)

OAUTH1 = (
    on("GET", "/OS-OAUTH1/consumers", oauth1.index, "list_consumers"),
    on(
        "POST",
        "/OS-OAUTH1/consumers",
        oauth1.create,
        "create_consumer",
        body=oauth1.CONSUMER,
        status=201,
    ),
    on("GET", "/OS-OAUTH1/consumers/{consumer_id}", oauth1.show, "get_consumer"),
    on(
        "PATCH",
        "/OS-OAUTH1/consumers/{consumer_id}",
        oauth1.update,
        "update_consumer",
        body=oauth1.CONSUMER,
    ),
    on("DELETE", "/OS-OAUTH1/consumers/{consumer_id}", oauth1.delete, "delete_consumer"),
    on("POST", "/OS-OAUTH1/request_token", oauth1.request_token, status=201, open=True),
    on("POST", "/OS-OAUTH1/access_token", oauth1.access_token, status=201, open=True),
    on(
        "PUT",
        "/OS-OAUTH1/authorize/{request_token_id}",
        oauth1.authorize,
        "authorize_request_token",
        body=oauth1.AUTHORIZE,
    ),
    on(
        "GET", "/users/{user_id}/OS-OAUTH1/access_tokens", oauth1.access_index, "list_access_tokens"
    ),
    on(
        "GET",
        "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}",
        oauth1.access_show,
        "get_access_token",
    ),
    on(
        "DELETE", "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}", oauth1.access_delete
    ),
    on(
        "GET",
        "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles",
        oauth1.access_roles,
        "list_access_token_roles",
    ),
    on(
        "GET",
        "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}",
        oauth1.access_role,
        "get_access_token_role",
    ),
)

OAUTH2 = (
    on("POST", oauth2.PATH, oauth2.token, open=True),
    *(
        on(method, oauth2.PATH, oauth2.not_allowed, open=True)
        for method in ("GET", "PUT", "PATCH", "DELETE")
    ),
    on("GET", "/OS-SIMPLE-CERT/ca", oauth2.gone, open=True),
    on("GET", "/OS-SIMPLE-CERT/certificates", oauth2.gone, open=True),
)

FEDERATION = (
    on(
        "GET",
        "/OS-FEDERATION/identity_providers",
        identity_providers.index,
        "list_identity_providers",
        query=identity_providers.LIST,
    ),
    on(
        "GET",
        "/OS-FEDERATION/identity_providers/{idp_id}",
        identity_providers.show,
        "get_identity_provider",
    ),
    on(
        "PUT",
        "/OS-FEDERATION/identity_providers/{idp_id}",
        identity_providers.create,
        "create_identity_provider",
        body=identity_providers.CREATE,
        status=201,
    ),
    on(
        "PATCH",
        "/OS-FEDERATION/identity_providers/{idp_id}",
        identity_providers.update,
        "update_identity_provider",
        body=identity_providers.UPDATE,
    ),
    on(
        "DELETE",
        "/OS-FEDERATION/identity_providers/{idp_id}",
        identity_providers.delete,
        "delete_identity_provider",
    ),
    on(
        "GET",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols",
        identity_providers.protocols,
        "list_protocols",
    ),
    on(
        "GET",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        identity_providers.show_protocol,
        "get_protocol",
    ),
    on(
        "PUT",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        identity_providers.create_protocol,
        "create_protocol",
        body=identity_providers.CREATE_PROTOCOL,
        status=201,
    ),
    on(
        "PATCH",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        identity_providers.update_protocol,
        "update_protocol",
        body=identity_providers.UPDATE_PROTOCOL,
    ),
    on(
        "DELETE",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        identity_providers.delete_protocol,
        "delete_protocol",
    ),
    on("GET", "/OS-FEDERATION/mappings", mappings.index, "list_mappings"),
    on("GET", "/OS-FEDERATION/mappings/{mapping_id}", mappings.show, "get_mapping"),
    on(
        "PUT",
        "/OS-FEDERATION/mappings/{mapping_id}",
        mappings.create,
        "create_mapping",
        body=mappings.ANY,
        status=201,
    ),
    on(
        "PATCH",
        "/OS-FEDERATION/mappings/{mapping_id}",
        mappings.update,
        "update_mapping",
        body=mappings.ANY,
    ),
    on("DELETE", "/OS-FEDERATION/mappings/{mapping_id}", mappings.delete, "delete_mapping"),
    on(
        "GET",
        "/OS-FEDERATION/service_providers",
        service_providers.index,
        "list_service_providers",
        query=service_providers.LIST,
    ),
    on(
        "GET",
        "/OS-FEDERATION/service_providers/{service_provider_id}",
        service_providers.show,
        "get_service_provider",
    ),
    on(
        "PUT",
        "/OS-FEDERATION/service_providers/{service_provider_id}",
        service_providers.create,
        "create_service_provider",
        body=service_providers.CREATE,
        status=201,
    ),
    on(
        "PATCH",
        "/OS-FEDERATION/service_providers/{service_provider_id}",
        service_providers.update,
        "update_service_provider",
        body=service_providers.UPDATE,
    ),
    on(
        "DELETE",
        "/OS-FEDERATION/service_providers/{service_provider_id}",
        service_providers.delete,
        "delete_service_provider",
    ),
    on("GET", "/OS-FEDERATION/saml2/metadata", service_providers.saml, open=True),
    on("POST", "/auth/OS-FEDERATION/saml2", service_providers.saml, open=True),
    on("POST", "/auth/OS-FEDERATION/saml2/ecp", service_providers.saml, open=True),
    *(
        on(method, f"/auth/OS-FEDERATION{path}", service_providers.login, open=True)
        for method in ("GET", "POST")
        for path in (
            "/websso/{protocol_id}",
            "/identity_providers/{idp_id}/protocols/{protocol_id}/websso",
        )
    ),
    on(
        "GET",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth",
        service_providers.login,
        open=True,
    ),
    on(
        "POST",
        "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth",
        service_providers.login,
        open=True,
    ),
)
