module openstack-emulator/day

go 1.25.0

require github.com/gophercloud/gophercloud/v2 v2.13.0
