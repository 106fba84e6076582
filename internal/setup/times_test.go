package setup

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// on returns a client of the service whose connections end at serve, in place of
// the network: in a bubble its waiting takes no time.
func on(s Service, serve func(net.Conn)) *http.Client {
	c := s.client(connectTime)
	transport(c).DialContext = func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			serve(there)
		}()
		return here, nil
	}
	return c
}

func transport(c *http.Client) *http.Transport {
	return c.Transport.(plainBodies).next.(*http.Transport)
}

// request reads one; false when the connection is over.
func request(conn net.Conn) bool {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err == nil
}

// part of an answer, and how long the server waits before it.
type part struct {
	after time.Duration
	text  string
}

// answering says the parts, and then nothing until the client has left.
func answering(parts ...part) func(net.Conn) {
	return func(conn net.Conn) {
		request(conn)
		for _, p := range parts {
			time.Sleep(p.after)
			if _, err := io.WriteString(conn, p.text); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, conn)
	}
}

func read(c *http.Client) (string, error) {
	resp, err := c.Post("http://service/", "text/plain", strings.NewReader("a"))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

const header = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

// What is not answered is given up in the service's time, what comes late but
// within it is not, and of bodies only those that are short must be whole soon.
func TestTimesOfTheServices(t *testing.T) {
	const never = 0
	for name, test := range map[string]struct {
		service Service
		parts   []part
		after   time.Duration // it is given up; never: it is read
	}{
		"DynamoDB says nothing":         {DynamoDB, nil, 2 * time.Second},
		"DynamoDB is slow":              {DynamoDB, []part{{1900 * time.Millisecond, header}, {time.Second, "ok"}}, never},
		"DynamoDB stops within":         {DynamoDB, []part{{time.Second, header}, {time.Second, "o"}}, 5 * time.Second},
		"S3 says nothing":               {S3, nil, 5 * time.Second},
		"S3 sends a recording":          {S3, []part{{4 * time.Second, header}, {10 * time.Minute, "ok"}}, never},
		"SQS takes nothing":             {SQS, nil, 5 * time.Second},
		"SQS stops within":              {SQS, []part{{time.Second, header}, {time.Second, "o"}}, 10 * time.Second},
		"SQS waits for a message":       {others, []part{{20 * time.Second, header + "ok"}}, never},
		"SQS says nothing to a reader":  {others, nil, 25 * time.Second},
		"a model thinks for 14 minutes": {patient, []part{{14 * time.Minute, header + "ok"}}, never},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, begun := on(test.service, answering(test.parts...)), time.Now()
				body, err := read(c)
				took := time.Since(begun)
				synctest.Wait() // until the connection is back
				transport(c).CloseIdleConnections()
				if test.after == never && (err != nil || body != "ok") || test.after != never && (err == nil || took != test.after) {
					t.Errorf("%q, %v after %v", body, err, took)
				}
			})
		})
	}
}

// A connection that nobody uses is closed before the service does it.
func TestUnusedConnections(t *testing.T) {
	for name, test := range map[string]struct {
		service Service
		most    time.Duration
	}{"DynamoDB": {DynamoDB, 40 * time.Second}, "S3": {S3, 5 * time.Second}, "SQS": {SQS, 40 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				unused := make(chan time.Duration, 1)
				c := on(test.service, func(conn net.Conn) {
					request(conn)
					_, _ = io.WriteString(conn, header+"ok")
					begun := time.Now()
					_, _ = io.Copy(io.Discard, conn)
					unused <- time.Since(begun)
				})
				if _, err := read(c); err != nil {
					t.Fatal(err)
				}
				if got := <-unused; got == 0 || got > test.most {
					t.Errorf("closed after %v", got)
				}
			})
		})
	}
}

// All attempts of a request together end soon where DynamoDB says nothing.
func TestAttemptsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config, err := AWSConfig(environment(map[string]string{"AWS_ENDPOINT_URL": "http://dynamodb"}))
		if err != nil {
			t.Fatal(err)
		}
		config, asked := DynamoDB.Of(config), 0
		config.HTTPClient = on(DynamoDB, func(conn net.Conn) { asked++; answering()(conn) })
		begun := time.Now()
		_, err = dynamodb.NewFromConfig(config).ListTables(t.Context(), &dynamodb.ListTablesInput{})
		if took := time.Since(begun); err == nil || asked != 3 || took < 6*time.Second || took > 6200*time.Millisecond {
			t.Errorf("%d attempts in %v, %v", asked, took, err)
		}
	})
}

// What stands for AWS on a developer's machine has longer.
func TestEnginesHaveLonger(t *testing.T) {
	for endpoint, want := range map[string]time.Duration{"": 2 * time.Second, "http://127.0.0.1:4566": 10 * time.Second} {
		config, err := AWSConfig(environment(map[string]string{"AWS_ENDPOINT_URL": endpoint}))
		if err != nil {
			t.Fatal(err)
		}
		client := DynamoDB.Of(config).HTTPClient.(*http.Client)
		if got := transport(client).ResponseHeaderTimeout; got != want {
			t.Errorf("with the endpoint %q: %v, want %v", endpoint, got, want)
		}
	}
}

// A server that takes connections and says nothing, and one that does not speak
// TLS, fail as dialing does: nothing was sent, and everything may be tried again.
func TestHandshakesFailAsDialing(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"silent": func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
		"closed": func(net.Conn) {},
		"other":  func(conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-other\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
					go func() {
						serve(conn)
						conn.Close()
					}()
				}
			}()
			_, err = DynamoDB.client(50 * time.Millisecond).Get("https://" + l.Addr().String())
			var op *net.OpError
			if !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("%v", err)
			}
		})
	}
}
