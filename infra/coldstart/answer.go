package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// event asks for a session with a key that the table does not know.
const event = `{"resource":"/v1/sessions/{id}","path":"/v1/sessions/ses_01HZX0000000000000000000AA","httpMethod":"GET",` +
	`"multiValueHeaders":{"Authorization":["Bearer cmk_live_0123456789abcdef.0123456789abcdefghijklmnopqrstuvwxyz0123456"]},` +
	`"pathParameters":{"id":"ses_01HZX0000000000000000000AA"},"requestContext":{"domainName":"example.com"}}`

// firstAnswer measures the processor's time up to an answer that needed a
// read of the table, over TLS: functions/sessions-get, and the same with the
// SDK's defaults and the system's roots.
func (b bench) firstAnswer() (ours, theirs time.Duration, err error) {
	authority, server, err := fakeTable()
	if err != nil {
		return 0, 0, err
	}
	defer server.Close()
	binaries, bundle, err := b.trusting(authority)
	if err != nil {
		return 0, 0, err
	}
	var spent [2][]time.Duration
	for range b.rounds {
		for i, binary := range binaries {
			took, err := b.answer(binary, "AWS_ENDPOINT_URL="+server.URL, "SSL_CERT_FILE="+bundle)
			if err != nil {
				return 0, 0, fmt.Errorf("%s: %w", filepath.Base(binary), err)
			}
			spent[i] = append(spent[i], took)
		}
	}
	return median(spent[0]), median(spent[1]), nil
}

// answer returns the user's and system's time of a process that answers once.
func (b bench) answer(binary string, env ...string) (time.Duration, error) {
	rt, err := newRuntime()
	if err != nil {
		return 0, err
	}
	defer rt.close()
	rt.events <- event
	cmd := b.command(binary, rt.address(), env...)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var got string
	select {
	case got = <-rt.answered:
	case <-time.After(20 * time.Second):
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if !strings.Contains(got, "invalid_credentials") {
		return 0, fmt.Errorf("the answer is %q", got)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// fakeTable is a DynamoDB in which there is nothing.
func fakeTable() (authority []byte, server *httptest.Server, err error) {
	certificate, authority, err := certificate()
	if err != nil {
		return nil, nil, err
	}
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amz-Crc32", "2745614147") // of {}
		_, _ = io.WriteString(w, "{}")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of processes that were killed
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	return authority, server, nil
}

func certificate() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "coldstart"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// systemRoots is where Debian and Amazon Linux keep theirs.
var systemRoots = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// trusting builds the two functions so that they trust the authority: ours by
// its own roots, the other by the system's.
func (b bench) trusting(authority []byte) (binaries [2]string, bundle string, err error) {
	bundle = filepath.Join(b.tmp, "bundle.pem")
	for _, path := range systemRoots {
		if roots, err := os.ReadFile(path); err == nil {
			if err := os.WriteFile(bundle, append(roots, authority...), 0o600); err != nil {
				return binaries, "", err
			}
		}
	}
	if _, err := os.Stat(bundle); err != nil {
		return binaries, "", fmt.Errorf("the system has no roots: install ca-certificates")
	}
	overlay, err := b.overlay(authority)
	if err != nil {
		return binaries, "", err
	}
	for i, dir := range []string{readerDir, defaultsDir} {
		binaries[i] = filepath.Join(b.tmp, filepath.Base(dir)+"-tls")
		cmd := exec.CommandContext(b.ctx, "go", "build", "-overlay", overlay, "-trimpath",
			"-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w", "-o", binaries[i], "./"+dir)
		cmd.Dir, cmd.Env = b.root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return binaries, "", fmt.Errorf("building %s: %w\n%s", dir, err, out)
		}
	}
	return binaries, bundle, nil
}

// overlay adds the authority to the roots that functions carry.
func (b bench) overlay(authority []byte) (string, error) {
	own := filepath.Join(b.root, "internal", "setup", "awsroots.pem")
	roots, err := os.ReadFile(own)
	if err != nil {
		return "", err
	}
	replaced, overlay := filepath.Join(b.tmp, "awsroots.pem"), filepath.Join(b.tmp, "overlay.json")
	if err := os.WriteFile(replaced, append(roots, authority...), 0o600); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{"Replace": map[string]string{own: replaced}})
	if err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, data, 0o600)
}
