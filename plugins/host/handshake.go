package host

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// maxHandshake is how much of a first line is kept: a handshake has a
// certificate in it, of 1 KiB or so.
const maxHandshake = 8 << 10

// firstLine reads a plugin's standard output, and keeps its first line.
type firstLine struct {
	io.ReadCloser

	mu    sync.Mutex
	line  []byte
	whole bool
}

func (f *firstLine) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.whole {
		more, _, end := bytes.Cut(p[:n], []byte("\n"))
		f.line = append(f.line, more[:min(len(more), maxHandshake-len(f.line))]...)
		f.whole = end
	}
	return n, err
}

func (f *firstLine) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.TrimSpace(strings.ToValidUTF8(string(f.line), "?"))
}

// misspoken says what is wrong with a first line; "" when it is a handshake
// that this host takes.
func misspoken(line string, kind wire.Kind) string {
	parts := strings.Split(line, "|")
	core, err := strconv.Atoi(parts[0])
	if len(parts) < 5 || err != nil {
		return fmt.Sprintf("the first line that it printed is no handshake: %.200q; a plugin prints nothing before it is served", line)
	}
	version, _ := strconv.Atoi(parts[1])
	known := wire.Versions[kind]
	switch {
	case core != 1:
		return fmt.Sprintf("it speaks version %d of go-plugin's handshake, assay speaks 1", core)
	case !slices.Contains(known, version):
		return fmt.Sprintf("it speaks version %.20q of the protocol for a %s, assay speaks %s", parts[1], kind, numbers(known))
	case parts[4] != "grpc":
		return fmt.Sprintf("it speaks %.20q, assay speaks grpc", parts[4])
	case len(parts) < 6 || parts[5] == "":
		return "it sent no certificate: a plugin takes " + wire.ClientCertificate + " and answers with its own, as the SDKs do"
	}
	return ""
}

func numbers(in []int) string {
	out := make([]string, len(in))
	for i, n := range in {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}

// serverName is who a plugin's certificate is for.
const serverName = "localhost"

// newTLS makes a certificate for one process of one plugin: the configuration
// that the host uses, and the PEM that the plugin is given. go-plugin's AutoMTLS
// makes its own on P-521, which gRPC's library for C, and so Python's, refuses.
// What the plugin sends of its own in the handshake becomes the only root.
func newTLS() (*tls.Config, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", fmt.Errorf("a key for a plugin: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, "", fmt.Errorf("a certificate for a plugin: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: serverName},
		DNSNames:              []string{serverName},
		SerialNumber:          serial,
		NotBefore:             now.Add(-time.Minute),
		NotAfter:              now.AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		IsCA:                  true, // it signs itself
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, "", fmt.Errorf("a certificate for a plugin: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		RootCAs:      x509.NewCertPool(), // nobody, until the handshake
		ServerName:   serverName,
		MinVersion:   tls.VersionTLS13,
	}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
