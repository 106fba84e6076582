package setup

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// recorder is a transport that looks at the body it is given.
type recorder struct {
	content  []byte
	writerTo bool
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	_, r.writerTo = req.Body.(io.WriterTo)
	r.content, _ = io.ReadAll(req.Body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func TestBodiesOfTheSDKArePlain(t *testing.T) {
	config, err := AWSConfig(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	call := func(client aws.HTTPClient) {
		config.HTTPClient = client
		if _, err := dynamodb.NewFromConfig(config).ListTables(context.Background(), &dynamodb.ListTablesInput{}); err != nil {
			t.Fatal(err)
		}
	}
	var bare, plain recorder
	call(&http.Client{Transport: &bare})
	call(&http.Client{Transport: plainBodies{&plain}})
	if !bare.writerTo {
		t.Log("the SDK's bodies are no io.WriterTo any more: plainBodies can go")
	}
	if plain.writerTo || !bytes.Equal(plain.content, []byte("{}")) {
		t.Errorf("body %q, io.WriterTo: %v", plain.content, plain.writerTo)
	}
}

// An answer that breaks off is asked for again, whether the client was told
// its length or not.
func TestBrokenAnswersAreRetried(t *testing.T) {
	const answer = `{"TableNames":["a"]}`
	for _, length := range []string{"", strconv.Itoa(len(answer))} {
		for cut := range len(answer) {
			tries := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				if tries++; tries > 1 {
					_, _ = io.WriteString(w, answer)
					return
				}
				_, _ = io.WriteString(w, answer[:cut])
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}))
			config, err := AWSConfig(environment(map[string]string{"AWS_ENDPOINT_URL": server.URL}))
			if err != nil {
				t.Fatal(err)
			}
			out, err := dynamodb.NewFromConfig(config).ListTables(t.Context(), &dynamodb.ListTablesInput{})
			if err != nil || tries != 2 || len(out.TableNames) != 1 {
				t.Errorf("length %q, cut at %d: %d tries, %v", length, cut, tries, err)
			}
			server.Close()
		}
	}
}

func TestAWSRoots(t *testing.T) {
	rest, n := awsRoots, 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !root.IsCA || time.Until(root.NotAfter) < 365*24*time.Hour {
			t.Errorf("%s ends on %v", root.Subject, root.NotAfter)
		}
		n++
	}
	if n != 5 {
		t.Errorf("%d roots", n)
	}
}

// The process reads the system's roots once, so no other test may need them.
func TestOtherServersAreCheckedAgainstTheSystemsRoots(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	defer server.Close()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, root, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	resp, err := others.client(connectTime).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, err := others.client(connectTime).Get(strings.Replace(server.URL, "127.0.0.1", "localhost", 1)); err == nil {
		t.Error("a server of another name was trusted")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect))
	defer server.Close()
	resp, err := others.client(connectTime).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("status %d", resp.StatusCode)
	}
}
