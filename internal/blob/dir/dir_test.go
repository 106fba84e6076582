package dir_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/blob/blobtest"
	"griot/internal/blob/dir"
)

func TestConformance(t *testing.T) {
	for name, noSync := range map[string]bool{"Sync": false, "NoSync": true} {
		t.Run(name, func(t *testing.T) {
			skip := map[string]string{}
			if !noSync {
				skip["ListPages"] = "thousands of fsyncs; NoSync runs it"
			}
			blobtest.Run(t, blobtest.Harness{
				New: func(t *testing.T) (blob.Store, func(time.Duration)) {
					s := serve(t, t.TempDir(), noSync)
					return s.Store, s.advance
				},
				Client: http.DefaultClient,
				Skip:   skip,
			})
		})
	}
}

// server is a store with its handler behind a real listener, and a clock
// that tests move.
type server struct {
	*dir.Store
	url    string
	offset atomic.Int64
}

func (s *server) advance(d time.Duration) { s.offset.Add(int64(d)) }

func serve(t testing.TB, directory string, noSync bool) *server {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	s := &server{url: "http://" + srv.Listener.Addr().String()}
	var err error
	s.Store, err = dir.Open(directory, dir.Options{
		Base: s.url, NoSync: noSync,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = s.Handler()
	srv.Start()
	t.Cleanup(func() {
		srv.Close()
		s.Close()
	})
	return s
}
