package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secrets "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/anypb"
)

const trustDomain = "cluster.local"

// An authority does for proxies what the agent in their pod does: it answers `default` with a certificate for whom the
// proxy's metadata name (NAMESPACE, SERVICE_ACCOUNT), and `ROOTCA` with its own.
type authority struct {
	secrets.UnimplementedSecretDiscoveryServiceServer
	key  *ecdsa.PrivateKey
	root *x509.Certificate
	text []byte
}

// It prints its address as one line and serves until standard input ends.
func identify() error {
	issuer, err := newAuthority()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	secrets.RegisterSecretDiscoveryServiceServer(server, issuer)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Println(listener.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	return <-failed
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate(identityOf(""))
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	root, err := x509.ParseCertificate(der)
	return &authority{key: key, root: root, text: pemOf("CERTIFICATE", der)}, err
}

func (a *authority) StreamSecrets(stream secrets.SecretDiscoveryService_StreamSecretsServer) error {
	var node *core.Node
	for count := 1; ; count++ {
		asked, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if asked.Node != nil {
			node = asked.Node
		}
		// A version means that it says what it thinks of the last answer; nothing changes here.
		if asked.VersionInfo != "" || asked.ErrorDetail != nil {
			continue
		}
		given := &discovery.DiscoveryResponse{TypeUrl: asked.TypeUrl, VersionInfo: "1", Nonce: fmt.Sprint(count)}
		for _, name := range asked.ResourceNames {
			one, err := a.secret(node, name)
			if err != nil {
				return err
			}
			packed, err := anypb.New(one)
			if err != nil {
				return err
			}
			given.Resources = append(given.Resources, packed)
		}
		if err := stream.Send(given); err != nil {
			return err
		}
	}
}

func (a *authority) FetchSecrets(context.Context, *discovery.DiscoveryRequest) (*discovery.DiscoveryResponse, error) {
	return nil, errors.New("secrets are streamed")
}

func (a *authority) secret(node *core.Node, name string) (*tls.Secret, error) {
	if name == "ROOTCA" {
		context := &tls.CertificateValidationContext{TrustedCa: inline(a.text)}
		return &tls.Secret{Name: name, Type: &tls.Secret_ValidationContext{ValidationContext: context}}, nil
	}
	fields := node.GetMetadata().GetFields()
	namespace, account := fields["NAMESPACE"].GetStringValue(), fields["SERVICE_ACCOUNT"].GetStringValue()
	if namespace == "" || account == "" {
		return nil, fmt.Errorf("%s does not say who it is", node.GetId())
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificate(identityOf("/ns/" + namespace + "/sa/" + account))
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	pair := &tls.TlsCertificate{
		CertificateChain: inline(append(pemOf("CERTIFICATE", der), a.text...)),
		PrivateKey:       inline(pemOf("EC PRIVATE KEY", private)),
	}
	return &tls.Secret{Name: name, Type: &tls.Secret_TlsCertificate{TlsCertificate: pair}}, nil
}

type keyPair struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// What a gateway shows to clients.
func certify() keyPair {
	host, err := io.ReadAll(os.Stdin)
	check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := certificate(nil)
	template.DNSNames = []string{string(host)}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	private, err := x509.MarshalECPrivateKey(key)
	check(err)
	return keyPair{string(pemOf("CERTIFICATE", der)), string(pemOf("EC PRIVATE KEY", private))}
}

func identityOf(path string) *url.URL {
	return &url.URL{Scheme: "spiffe", Host: trustDomain, Path: path}
}

func certificate(identity *url.URL) *x509.Certificate {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
	}
	if identity != nil {
		template.URIs = []*url.URL{identity}
	}
	return template
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func inline(text []byte) *core.DataSource {
	return &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: text}}
}
