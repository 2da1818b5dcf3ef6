// Istio's control plane without a cluster. It reads a request from standard input (objects as JSON) and answers on
// standard output:
//
//	istiod render    what istiod would send to each of the proxies that the request names
//	istiod analyze   the messages of all analyzers of istioctl
//	istiod certify   a certificate for a host that it signs itself, and its key; the host is the request
//	istiod identify  serves certificates of a throwaway authority on a loopback port, until standard input closes
//
// The request is {"objects": [...], "meshConfig": {...}, "proxies": [{"id": "...", "metadata": {...}}]}.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	istiolog "istio.io/istio/pkg/log"
)

// A proxy as Envoy introduces itself: type, address, pod and DNS domain, and what its pod is.
type proxyRequest struct {
	ID       string          `json:"id"`
	Metadata json.RawMessage `json:"metadata"`
}

type request struct {
	Objects    []json.RawMessage `json:"objects"`
	MeshConfig json.RawMessage   `json:"meshConfig"`
	Proxies    []proxyRequest    `json:"proxies"`
}

func main() {
	quiet := istiolog.DefaultOptions()
	quiet.OutputPaths = []string{"stderr"}
	quiet.SetDefaultOutputLevel(istiolog.OverrideScopeName, istiolog.ErrorLevel)
	check(istiolog.Configure(quiet))
	if len(os.Args) != 2 {
		check(fmt.Errorf("usage: istiod render|analyze|certify|identify"))
	}
	switch os.Args[1] {
	case "render":
		answer(render(read()))
	case "analyze":
		answer(analyze(read()))
	case "certify":
		answer(certify())
	case "identify":
		check(identify())
	default:
		check(fmt.Errorf("there is no %s", os.Args[1]))
	}
}

func read() request {
	text, err := io.ReadAll(os.Stdin)
	check(err)
	var asked request
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	check(strict.Decode(&asked))
	return asked
}

func answer(value any) {
	check(json.NewEncoder(os.Stdout).Encode(value))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "istiod:", err)
		os.Exit(1)
	}
}
