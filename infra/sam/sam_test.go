// Package sam_test asks the functions as sam local serves them, in containers;
// infra/sam/sam starts it and names it to these tests.
package sam_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"griot/infra/lambda/template"
	"griot/infra/tenancy"
	"griot/internal/api/apitest"
	"griot/internal/api/hosttest"
	"griot/internal/fetch"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/system"
	"griot/internal/table"
	"griot/internal/worker"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestScripts runs the APIs' plain-text scripts. sam local polls no queues,
// so the workers run here.
func TestScripts(t *testing.T) {
	c, base := plane(t), os.Getenv("GRIOT_SAM_URL")
	if base == "" {
		t.Skip("sam local does not run: infra/sam/sam test starts it")
	}
	store, err := tables.New(c, table.Names...)
	ok(t, err)
	ports := system.Ports{Table: store, Blobs: objects.Open(c), Queues: map[queue.Name]queue.Queue{}, Now: time.Now}
	for _, name := range queue.Names {
		ports.Queues[name], err = queues.Deployed(t.Context(), c, name)
		ok(t, err)
	}
	griot := system.New(ports, system.Config{Fetch: &fetch.Client{}})
	env, err := tenancy.Furnish(t.Context(), griot.Access, tenancy.Env{})
	ok(t, err)
	work(t, griot.Workers, ports.Queues)
	apitest.RunAll(t, front(t, base), map[string]string{
		"KEY": env.First.Key, "KEY2": env.Second.Key, "PROJECT_A": env.ProjectA, "PROJECT_B": env.ProjectB,
	})
}

// front stands before sam local where that differs from API Gateway. It has
// no gateway responses: an unknown path gets the one of the template. It
// takes an escaped slash for a slash, a semicolon in a query for no separator,
// and leaves escapes of what is no UTF-8 as they are instead of replacing it.
// To a HEAD whose function names no length it says that there is nothing.
func front(t *testing.T, base string) string {
	t.Helper()
	tmpl, err := template.Load("../../template.yaml")
	ok(t, err)
	unknown := tmpl.API().Responses["MISSING_AUTHENTICATION_TOKEN"]
	target, err := url.Parse(base)
	ok(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.URL.RawQuery = asGateway(r.In.URL.RawQuery)
		r.Out.URL.RawPath = strings.ReplaceAll(r.In.URL.EscapedPath(), "%2F", "%252F")
		r.Out.URL.Path, _ = url.PathUnescape(r.Out.URL.RawPath) // it was escaped properly before
	}}
	proxy.ModifyResponse = func(resp *http.Response) error {
		if resp.Request.Method == http.MethodHead && resp.Header.Get("Content-Length") == "0" {
			resp.Header.Del("Content-Length")
			resp.ContentLength = -1
		}
		made := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusPermanentRedirect
		if !made || resp.Header.Get("X-Request-Id") != "" {
			return nil
		}
		resp.StatusCode, resp.Header = unknown.Status, http.Header{"Content-Type": {"application/json"}}
		for name, value := range unknown.Headers {
			resp.Header.Set(name, value)
		}
		resp.ContentLength = int64(len(unknown.Body))
		resp.Body = io.NopCloser(strings.NewReader(unknown.Body))
		return nil
	}
	server := httptest.NewServer(hosttest.Whole(proxy))
	t.Cleanup(server.Close)
	return server.URL
}

// asGateway separates at semicolons, too, and has U+FFFD for what is no UTF-8.
func asGateway(query string) string {
	parts := strings.Split(strings.ReplaceAll(query, ";", "&"), "&")
	for i, part := range parts {
		if plain, err := url.QueryUnescape(part); err == nil && !utf8.ValidString(plain) {
			name, value, _ := strings.Cut(part, "=")
			parts[i] = validEscapes(name) + "=" + validEscapes(value)
		}
	}
	return strings.Join(parts, "&")
}

func validEscapes(escaped string) string {
	plain, _ := url.QueryUnescape(escaped) // as part of what could be unescaped
	return url.QueryEscape(strings.ToValidUTF8(plain, "\uFFFD"))
}

// work runs the workers until the scripts have ended.
func work(t *testing.T, workers map[queue.Name]worker.Worker, queues map[queue.Name]queue.Queue) {
	t.Helper()
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() { cancel(); wg.Wait() })
	for name, w := range workers {
		wg.Go(func() { poll(ctx, name, queues[name], w) })
	}
}

// poll does what Lambda does for a function with a queue.
func poll(ctx context.Context, name queue.Name, q queue.Queue, w worker.Worker) {
	function := jobs.Batch(name, q, w)
	for ctx.Err() == nil {
		messages, err := q.Receive(ctx, 1, time.Second)
		if err != nil {
			continue
		}
		for _, m := range messages {
			event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: m.ID, ReceiptHandle: m.Receipt, Body: string(m.Body)}}}
			if out, err := function(ctx, event); err == nil && len(out.BatchItemFailures) == 0 {
				_ = q.Ack(ctx, m) // or it comes again
			}
		}
	}
}
