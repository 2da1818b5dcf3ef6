package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/util/protomarshal"
)

// Kinds of Kubernetes that istiod looks at.
var watched = map[string]bool{
	"Service": true, "EndpointSlice": true, "Pod": true, "Namespace": true, "Node": true,
	"Secret": true, "ConfigMap": true, "ServiceAccount": true,
}

// What of the objects goes where, and what is wrong with them.
type sorted struct {
	istio    []config.Config
	kube     []string
	problems []string
}

func sort(objects []json.RawMessage) sorted {
	result := sorted{problems: []string{}}
	for _, text := range objects {
		var head struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct{ Name, Namespace string }
			Spec       json.RawMessage `json:"spec"`
		}
		check(json.Unmarshal(text, &head))
		group, _, _ := strings.Cut(head.APIVersion, "/")
		name := fmt.Sprintf("%s/%s/%s", head.Kind, head.Metadata.Namespace, head.Metadata.Name)
		switch {
		case strings.HasSuffix(group, ".istio.io"):
			result.addIstio(name, string(text), head.Spec)
		case watched[head.Kind], group == "gateway.networking.k8s.io":
			result.kube = append(result.kube, string(text))
		}
	}
	return result
}

// The parser drops fields that it does not know, so each is read once more, strictly; then Istio's own webhook is asked.
func (s *sorted) addIstio(name, text string, spec json.RawMessage) {
	parsed, _, err := crd.ParseInputs(text)
	if err != nil {
		s.problems = append(s.problems, name+": "+err.Error())
		return
	}
	for _, one := range parsed {
		// Of objects that contradict each other the oldest wins: none is older here.
		one.CreationTimestamp = time.Unix(1_750_000_000, 0)
		schema, known := collections.All.FindByGroupVersionKind(one.GroupVersionKind)
		if !known {
			s.problems = append(s.problems, name+": istiod does not know this kind")
			continue
		}
		if fresh, err := schema.NewInstance(); err == nil && len(spec) > 0 {
			if message, ok := fresh.(proto.Message); ok {
				if err := protomarshal.ApplyJSONStrict(string(spec), message); err != nil {
					s.problems = append(s.problems, name+": "+err.Error())
				}
			}
		}
		if warning, err := schema.ValidateConfig(one); err != nil || warning != nil {
			s.problems = append(s.problems, fmt.Sprintf("%s: %v %v", name, err, warning))
		}
		s.istio = append(s.istio, one)
	}
}
