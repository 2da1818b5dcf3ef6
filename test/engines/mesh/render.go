package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/util/label"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/gatewayapi"
	"istio.io/istio/pkg/config/schema/gvr"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/kclient/clienttest"
)

// What one proxy gets.
type proxyConfig struct {
	Listeners []json.RawMessage `json:"listeners"`
	Clusters  []json.RawMessage `json:"clusters"`
	Routes    []json.RawMessage `json:"routes"`
	Endpoints []json.RawMessage `json:"endpoints"`
}

type rendered struct {
	Proxies  []proxyConfig `json:"proxies"`
	Problems []string      `json:"problems"`
}

func render(asked request) rendered {
	objects := sort(asked.Objects)
	// Definitions of the Gateway API say their version in a cluster. Here they say none, and those would be passed over.
	clear(gatewayapi.MinimumCRDVersions)
	outside := &outOfTest{}
	server := xds.NewFakeDiscoveryServer(outside, xds.FakeOptions{
		Configs:                    objects.istio,
		KubernetesObjectString:     strings.Join(objects.kube, "\n---\n"),
		MeshConfig:                 meshConfigOf(asked.MeshConfig),
		DisableSecretAuthorization: true,
		// The server looks for these only where it finds their definition, and brings that of other kinds.
		KubeClientModifier: func(client kube.Client) { clienttest.MakeCRD(outside, client, gvr.BackendTLSPolicy) },
	})
	result := rendered{Proxies: []proxyConfig{}, Problems: objects.problems}
	for _, one := range asked.Proxies {
		result.Proxies = append(result.Proxies, configOf(server, one))
	}
	return result
}

func meshConfigOf(text json.RawMessage) *meshconfig.MeshConfig {
	if len(text) == 0 {
		return mesh.DefaultMeshConfig()
	}
	result, err := mesh.ApplyMeshConfigDefaults(string(text))
	check(err)
	return result
}

func configOf(server *xds.FakeDiscoveryServer, asked proxyRequest) proxyConfig {
	raw := &structpb.Struct{}
	check(protojson.Unmarshal(asked.Metadata, raw))
	metadata, err := model.ParseMetadata(raw)
	check(err)
	proxy, err := model.ParseServiceNodeWithMetadata(asked.ID, metadata)
	check(err)
	proxy.ConfigNamespace = model.GetProxyConfigNamespace(proxy)
	if proxy.Metadata.Namespace == "" {
		proxy.Metadata.Namespace = proxy.ConfigNamespace
	}
	proxy.SetWorkloadLabels(server.Env())
	proxy.Locality = placeOf(proxy.Labels)
	proxy = server.SetupProxy(proxy)
	listeners := server.Listeners(proxy)
	return proxyConfig{
		Listeners: jsonOf(listeners),
		Clusters:  jsonOf(server.Clusters(proxy)),
		Endpoints: jsonOf(server.Endpoints(proxy)),
		Routes:    jsonOf(server.RoutesFromListeners(proxy, listeners)),
	}
}

// The server of streams does this when a proxy connects, and no other: nodes say where their pods are.
func placeOf(labels map[string]string) *core.Locality {
	return &core.Locality{Region: labels[label.LabelTopologyRegion], Zone: labels[label.LabelTopologyZone]}
}

func jsonOf[T proto.Message](messages []T) []json.RawMessage {
	result := make([]json.RawMessage, 0, len(messages))
	for _, message := range messages {
		text, err := protojson.Marshal(message)
		check(err)
		result = append(result, text)
	}
	return result
}

type analyzed struct {
	Messages []any    `json:"messages"`
	Skipped  []string `json:"skipped"`
	Problems []string `json:"problems"`
}

// Services, Pods and Secrets are taken from the request, as if a cluster held them, so that no analyzer is skipped for
// lack of one.
func analyze(asked request) analyzed {
	result := analyzed{Messages: []any{}, Skipped: []string{}, Problems: sort(asked.Objects).problems}
	texts := make([]string, 0, len(asked.Objects))
	for _, object := range asked.Objects {
		texts = append(texts, string(object))
	}
	analyzer := local.NewIstiodAnalyzer(analyzers.AllCombined(), "", "istio-system", nil)
	source := local.ReaderSource{Name: "plan", Reader: strings.NewReader(strings.Join(texts, "\n---\n"))}
	check(analyzer.AddTestReaderKubeSource([]local.ReaderSource{source}))
	found, err := analyzer.Analyze(make(chan struct{}))
	check(err)
	for _, message := range found.Messages {
		result.Messages = append(result.Messages, message.Unstructured(true))
	}
	result.Skipped = append(result.Skipped, found.SkippedAnalyzers...)
	return result
}

// The discovery server wants to run in a test of Go. Whatever would fail that test ends this program.
type outOfTest struct{}

func (t *outOfTest) Fail()                             { t.FailNow() }
func (t *outOfTest) FailNow()                          { check(fmt.Errorf("the discovery server failed")) }
func (t *outOfTest) Fatal(args ...any)                 { check(fmt.Errorf("%s", fmt.Sprint(args...))) }
func (t *outOfTest) Fatalf(format string, args ...any) { check(fmt.Errorf(format, args...)) }
func (t *outOfTest) Log(args ...any)                   { fmt.Fprintln(os.Stderr, args...) }
func (t *outOfTest) Logf(format string, args ...any)   { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (t *outOfTest) Skip(args ...any)                  { t.Fatal(args...) }
func (t *outOfTest) Cleanup(func())                    {}
func (t *outOfTest) Helper()                           {}

func (t *outOfTest) TempDir() string {
	folder, err := os.MkdirTemp("", "ashlar-istiod")
	check(err)
	return folder
}
