// A day in the life of a project, through Gophercloud. Who and where come from the OS_* variables;
// it ends with status 1 and what went wrong, or says "clean".
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

// must returns what a call gave, or ends the program.
func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(holds bool, what string, found any) {
	if !holds {
		panic(fmt.Sprintf("%s: %v", what, found))
	}
}

// gone waits until asking for something is answered with 404.
func gone(ctx context.Context, ask func() error) {
	for {
		err := ask()
		if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			return
		}
		check(err)
		check(ctx.Err())
		time.Sleep(10 * time.Millisecond)
	}
}

type clients struct {
	compute, network, volume, image *gophercloud.ServiceClient
}

func connect(ctx context.Context) clients {
	options := must(openstack.AuthOptionsFromEnv())
	provider := must(openstack.AuthenticatedClient(ctx, options))
	region := gophercloud.EndpointOpts{Region: os.Getenv("OS_REGION_NAME")}
	return clients{
		compute: must(openstack.NewComputeV2(provider, region)),
		network: must(openstack.NewNetworkV2(provider, region)),
		volume:  must(openstack.NewBlockStorageV3(provider, region)),
		image:   must(openstack.NewImageV2(provider, region)),
	}
}

func flavorNamed(ctx context.Context, compute *gophercloud.ServiceClient, name string) string {
	page := must(flavors.ListDetail(compute, nil).AllPages(ctx))
	for _, flavor := range must(flavors.ExtractFlavors(page)) {
		if flavor.Name == name {
			return flavor.ID
		}
	}
	panic("no flavor " + name)
}

func imageNamed(ctx context.Context, image *gophercloud.ServiceClient, name string) string {
	page := must(images.List(image, images.ListOpts{Name: name}).AllPages(ctx))
	found := must(images.ExtractImages(page))
	expect(len(found) == 1, "images named "+name, found)
	return found[0].ID
}

func networkNamed(ctx context.Context, network *gophercloud.ServiceClient, name string) string {
	page := must(networks.List(network, networks.ListOpts{Name: name}).AllPages(ctx))
	found := must(networks.ExtractNetworks(page))
	expect(len(found) == 1, "networks named "+name, found)
	return found[0].ID
}

// A network of one's own behind a router, and who may come in.
type site struct{ network, subnet, router, group, rule, public string }

func openSite(ctx context.Context, network *gophercloud.ServiceClient) site {
	var made site
	made.public = networkNamed(ctx, network, "public")
	made.network = must(networks.Create(ctx, network, networks.CreateOpts{Name: "own"}).Extract()).ID
	made.subnet = must(subnets.Create(ctx, network, subnets.CreateOpts{
		NetworkID: made.network, Name: "own4", CIDR: "10.9.0.0/24", IPVersion: gophercloud.IPv4,
	}).Extract()).ID
	made.router = must(routers.Create(ctx, network, routers.CreateOpts{
		Name: "own", GatewayInfo: &routers.GatewayInfo{NetworkID: made.public},
	}).Extract()).ID
	must(routers.AddInterface(
		ctx, network, made.router, routers.AddInterfaceOpts{SubnetID: made.subnet},
	).Extract())
	made.group = must(groups.Create(ctx, network, groups.CreateOpts{Name: "web"}).Extract()).ID
	made.rule = must(rules.Create(ctx, network, rules.CreateOpts{
		SecGroupID: made.group, Direction: rules.DirIngress, EtherType: rules.EtherType4,
		Protocol: rules.ProtocolTCP, PortRangeMin: 80, PortRangeMax: 80,
		RemoteIPPrefix: "0.0.0.0/0",
	}).Extract()).ID
	return made
}

func (made site) close(ctx context.Context, network *gophercloud.ServiceClient) {
	check(rules.Delete(ctx, network, made.rule).ExtractErr())
	check(groups.Delete(ctx, network, made.group).ExtractErr())
	must(routers.RemoveInterface(
		ctx, network, made.router, routers.RemoveInterfaceOpts{SubnetID: made.subnet},
	).Extract())
	check(routers.Delete(ctx, network, made.router).ExtractErr())
	check(subnets.Delete(ctx, network, made.subnet).ExtractErr())
	check(networks.Delete(ctx, network, made.network).ExtractErr())
}

func uploadImage(ctx context.Context, image *gophercloud.ServiceClient) string {
	made := must(images.Create(ctx, image, images.CreateOpts{
		Name: "own", DiskFormat: "raw", ContainerFormat: "bare",
	}).Extract())
	check(imagedata.Upload(ctx, image, made.ID, strings.NewReader("content")).ExtractErr())
	known := must(images.Get(ctx, image, made.ID).Extract())
	expect(known.Status == images.ImageStatusActive, "an image with content", known.Status)
	expect(known.SizeBytes == 7, "its size", known.SizeBytes)
	return made.ID
}

func bootServer(ctx context.Context, to clients, where site) string {
	pair := must(keypairs.Create(ctx, to.compute, keypairs.CreateOpts{Name: "k"}).Extract())
	expect(strings.Contains(pair.PrivateKey, "PRIVATE KEY"), "a key pair", pair.Name)
	made := must(servers.Create(ctx, to.compute, keypairs.CreateOptsExt{
		KeyName: "k",
		CreateOptsBuilder: servers.CreateOpts{
			Name:           "vm1",
			FlavorRef:      flavorNamed(ctx, to.compute, "m1.tiny"),
			ImageRef:       imageNamed(ctx, to.image, "cirros-0.6.3-x86_64-disk"),
			Networks:       []servers.Network{{UUID: where.network}},
			SecurityGroups: []string{"web"},
			Metadata:       map[string]string{"purpose": "test"},
		},
	}, nil).Extract())
	check(servers.WaitForStatus(ctx, to.compute, made.ID, "ACTIVE"))
	known := must(servers.Get(ctx, to.compute, made.ID).Extract())
	expect(known.KeyName == "k", "the server's key pair", known.KeyName)
	expect(known.Metadata["purpose"] == "test", "the server's metadata", known.Metadata)
	expect(len(known.SecurityGroups) == 1, "the server's groups", known.SecurityGroups)
	return made.ID
}

func addressServer(ctx context.Context, to clients, where site, server string) string {
	page := must(ports.List(to.network, ports.ListOpts{DeviceID: server}).AllPages(ctx))
	bound := must(ports.ExtractPorts(page))
	expect(len(bound) == 1, "the server's ports", bound)
	made := must(floatingips.Create(ctx, to.network, floatingips.CreateOpts{
		FloatingNetworkID: where.public, PortID: bound[0].ID,
	}).Extract())
	found := must(servers.ListAddressesByNetwork(to.compute, server, "own").AllPages(ctx))
	addresses := must(servers.ExtractNetworkAddresses(found))
	expect(len(addresses) == 2, "the server's addresses", addresses)
	return made.ID
}

func useVolume(ctx context.Context, to clients, server string) {
	made := must(volumes.Create(
		ctx, to.volume, volumes.CreateOpts{Name: "data", Size: 1}, nil,
	).Extract())
	check(volumes.WaitForStatus(ctx, to.volume, made.ID, "available"))
	must(volumeattach.Create(
		ctx, to.compute, server, volumeattach.CreateOpts{VolumeID: made.ID},
	).Extract())
	check(volumes.WaitForStatus(ctx, to.volume, made.ID, "in-use"))
	snapshot := must(snapshots.Create(ctx, to.volume, snapshots.CreateOpts{
		VolumeID: made.ID, Name: "data-snap", Force: true,
	}).Extract())
	check(snapshots.WaitForStatus(ctx, to.volume, snapshot.ID, "available"))
	check(volumeattach.Delete(ctx, to.compute, server, made.ID).ExtractErr())
	check(volumes.WaitForStatus(ctx, to.volume, made.ID, "available"))
	check(volumes.ExtendSize(
		ctx, to.volume, made.ID, volumes.ExtendSizeOpts{NewSize: 2},
	).ExtractErr())
	check(volumes.WaitForStatus(ctx, to.volume, made.ID, "available"))
	known := must(volumes.Get(ctx, to.volume, made.ID).Extract())
	expect(known.Size == 2, "the extended volume", known.Size)
	check(snapshots.Delete(ctx, to.volume, snapshot.ID).ExtractErr())
	gone(ctx, func() error { return snapshots.Get(ctx, to.volume, snapshot.ID).Err })
	check(volumes.Delete(ctx, to.volume, made.ID, nil).ExtractErr())
	gone(ctx, func() error { return volumes.Get(ctx, to.volume, made.ID).Err })
}

func changeServer(ctx context.Context, to clients, server string) string {
	copied := must(servers.CreateImage(
		ctx, to.compute, server, servers.CreateImageOpts{Name: "vm1-snap"},
	).ExtractImageID())
	for must(images.Get(ctx, to.image, copied).Extract()).Status != images.ImageStatusActive {
		check(ctx.Err())
		time.Sleep(10 * time.Millisecond)
	}
	check(servers.Resize(ctx, to.compute, server, servers.ResizeOpts{
		FlavorRef: flavorNamed(ctx, to.compute, "m1.small"),
	}).ExtractErr())
	check(servers.WaitForStatus(ctx, to.compute, server, "VERIFY_RESIZE"))
	check(servers.ConfirmResize(ctx, to.compute, server).ExtractErr())
	check(servers.WaitForStatus(ctx, to.compute, server, "ACTIVE"))
	check(servers.Stop(ctx, to.compute, server).ExtractErr())
	check(servers.WaitForStatus(ctx, to.compute, server, "SHUTOFF"))
	return copied
}

func main() {
	defer func() {
		if problem := recover(); problem != nil {
			fmt.Fprintln(os.Stderr, problem)
			os.Exit(1)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	to := connect(ctx)
	where := openSite(ctx, to.network)
	image := uploadImage(ctx, to.image)
	server := bootServer(ctx, to, where)
	address := addressServer(ctx, to, where, server)
	useVolume(ctx, to, server)
	copied := changeServer(ctx, to, server)
	check(floatingips.Delete(ctx, to.network, address).ExtractErr())
	check(servers.Delete(ctx, to.compute, server).ExtractErr())
	gone(ctx, func() error { return servers.Get(ctx, to.compute, server).Err })
	check(keypairs.Delete(ctx, to.compute, "k", nil).ExtractErr())
	check(images.Delete(ctx, to.image, image).ExtractErr())
	check(images.Delete(ctx, to.image, copied).ExtractErr())
	where.close(ctx, to.network)
	fmt.Println("clean")
}
