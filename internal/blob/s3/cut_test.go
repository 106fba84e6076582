package s3_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/internal/blob"
	"griot/internal/blob/s3"
	"griot/internal/errs"
	"griot/internal/setup"
	"griot/internal/setup/cuttest"
)

// object is the one that S3 has, and how often something was done to it.
type object struct {
	there   bool
	effects int
	content string
}

func (o *object) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"e"`)
	w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
	switch r.Method {
	case http.MethodPut:
		if o.there && r.Header.Get("If-None-Match") == "*" {
			w.WriteHeader(http.StatusPreconditionFailed)
			_, _ = io.WriteString(w, "<Error><Code>PreconditionFailed</Code></Error>")
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		o.there, o.content = true, string(body)
		o.effects++
	case http.MethodDelete:
		o.there = false
		o.effects++
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = io.WriteString(w, o.content)
	}
}

// Connections cut anywhere: what harms nobody is done again; a conditional put is
// done once, or its client is told to come back; and so is the reader of a body
// that breaks off.
func TestConnectionsCutAnywhere(t *testing.T) {
	put := func(p blob.Put) func(context.Context, *s3.Store) error {
		return func(ctx context.Context, s *s3.Store) error {
			_, err := s.Put(ctx, "a", strings.NewReader("content"), -1, p)
			return err
		}
	}
	for name, test := range map[string]struct {
		do     func(context.Context, *s3.Store) error
		there  bool // before
		always bool // it is done
	}{
		"put":             {put(blob.Put{ContentType: "text/plain"}), true, true},
		"conditional put": {put(blob.Put{IfAbsent: true}), false, false},
		"delete":          {func(ctx context.Context, s *s3.Store) error { return s.Delete(ctx, "a") }, true, true},
		"get": {func(ctx context.Context, s *s3.Store) error {
			r, _, err := s.Get(ctx, "a")
			if err != nil {
				return err
			}
			defer r.Close()
			content, err := io.ReadAll(r)
			if err == nil && string(content) != "what was there" {
				err = fmt.Errorf("read %q", content)
			}
			return err
		}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &object{}
			server := cuttest.Serve(t, o)
			cuts, told := 0, 0
			var store *s3.Store
			server.Each(t, func(cut *cuttest.Cut) {
				*o = object{there: test.there, content: "what was there"}
				if cuts%50 == 0 {
					store = hasty(t, server)
				}
				err := test.do(t.Context(), store)
				cuts++
				switch {
				case err == nil && (name == "get" || o.effects == 1 || test.always && o.effects == 2):
				case errs.Is(err, errs.Unavailable) && !errors.Is(err, blob.ErrExists) && o.effects <= 1 && !test.always && cut != nil:
					told++
				default:
					t.Fatalf("%v: %d effects in %d exchanges, %v", cut, o.effects, server.Exchanges(), err)
				}
			})
			t.Logf("%d cuts, of which %d are told", cuts-1, told)
		})
	}
}

// hasty returns a new store, which waits no time between attempts.
func hasty(t *testing.T, server *cuttest.Server) *s3.Store {
	store, err := s3.New(server.Client(setup.S3.Of(configuration(t))), "files")
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// What S3 cannot do now is told so, in whatever words it says it.
func TestBusy(t *testing.T) {
	for answer, unavailable := range map[string]bool{
		"503 SlowDown": true, "500 InternalError": true, "409 ConditionalRequestConflict": true, "503 ServiceUnavailable": true,
		"403 AccessDenied": false, "404 NoSuchBucket": false,
	} {
		stub := &stub{t: t}
		for range 4 {
			stub.answers = append(stub.answers, answer)
		}
		config := configuration(t)
		config.HTTPClient = stub
		config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		s, err := s3.New(config, "files")
		if err != nil {
			t.Fatal(err)
		}
		_, put := s.Put(t.Context(), "a", strings.NewReader("a"), 1, blob.Put{IfAbsent: true})
		_, _, list := s.List(t.Context(), "", "")
		for doing, err := range map[string]error{"put": put, "delete": s.Delete(t.Context(), "a"), "list": list} {
			if err == nil || errs.Is(err, errs.Unavailable) != unavailable {
				t.Errorf("%s, %s: %v", answer, doing, err)
			}
		}
	}
}
