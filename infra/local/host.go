package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"griot/infra/stack"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/fetch"
	"griot/internal/limit"
	"griot/internal/operator"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/system"
	"griot/internal/transcriber"
)

// version is the program's, as /livez and /health say it.
const version = "0.1.0"

// Times of the embedded host.
const (
	// jobVisibility is far above what any job takes; a restart makes what a
	// killed process had in hand visible at once.
	jobVisibility = 20 * time.Minute
	// callVisibility is above what a recording may take its engine.
	callVisibility = 7 * time.Hour
	sweepEvery     = 5 * time.Second
	expireEvery    = 10 * time.Minute
	// pollFeed is how often a stream looks by itself: writers wake it.
	pollFeed     = 10 * time.Second
	drainTimeout = 10 * time.Second
	// indexCache is how many bytes of the search index are kept in memory.
	indexCache = 128 << 20
)

// host is the whole system on one directory.
type host struct {
	*system.Embedded
	*system.System

	now      func() time.Time
	data     string
	disk     *disk.State
	db       *disk.File
	limits   *limit.Limiter
	inbox    *inbox
	engine   transcriber.Engine // nil: recordings are refused
	model    bool               // one is asked when candidates are sought
	present  limit.Presence     // of workspaces, by their requests
	jobTurns limit.Turns
	changes  session.Changes // of sessions, for their readers
	listener net.Listener    // of the APIs
	operator net.Listener    // of the operator's commands; nil until ready
	base     string
	drain    chan struct{} // closed to end streams
}

// open brings everything up but serves nothing yet.
func open(o options, data string) (*host, error) { return openAt(o, data, time.Now) }

// openAt is [open] with another clock.
func openAt(o options, data string, now func() time.Time) (*host, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	if err := checkThere(data); err != nil {
		return nil, err
	}
	state := disk.Watch(data)
	db, err := disk.Open(databasePath(data), disk.Options{NoSync: o.data == nowhere, State: state})
	if err != nil {
		return nil, explainOpen(data, err)
	}
	h := &host{
		now: now, data: data, disk: state, db: db, drain: make(chan struct{}), present: limit.Presence{Now: now},
	}
	h.jobTurns = limit.Turns{AtOnce: halfTheProcessors(), Alone: math.MaxInt, Presence: &h.present} // alone it has its shares of the queues
	if err := h.assemble(o); err != nil {
		return nil, errors.Join(explainOpen(data, err), h.close())
	}
	return h, nil
}

func (h *host) assemble(o options) error {
	var err error
	if h.listener, err = net.Listen("tcp", o.addr); err != nil {
		return err
	}
	if h.base = o.base; h.base == "" {
		h.base = "http://" + h.listener.Addr().String()
	}
	if err := h.openStores(o); err != nil {
		return err
	}
	h.limits = &limit.Limiter{Table: h.Table, Now: h.now, Default: limit.Embedded()}
	model := h.openModel(o)
	h.model = model != nil
	write, err := h.openTranscriber(o)
	if err != nil {
		return err
	}
	h.System = system.New(h.Ports(), system.Config{
		Cache: search.NewCache(indexCache), Changes: &h.changes, Turns: &session.Turns{}, Process: rand.Text(),
		KeepMedia: time.Duration(o.keepMediaDays) * 24 * time.Hour, MinutesPerDay: o.minutesPerDay,
		LoopbackURLs: o.loopbackURLs, Fetch: &fetch.Client{AllowLoopback: o.loopbackURLs},
		Engine: h.engine, NoEngine: noTranscriber, Transcribe: write, Model: model,
	})
	h.inbox, err = newInbox(filepath.Join(h.data, "inbox"), h.Blobs, h.Queues[queue.Ingest], h.Sessions.Uploads.CheckDrop, h.disk)
	return err
}

func (h *host) openStores(o options) (err error) {
	objects := dir.Options{Base: h.base, NoSync: o.data == nowhere, State: h.disk}
	h.Embedded, err = system.Embed(h.db, objectsPath(h.data), objects, func(name queue.Name) queuebolt.Options {
		if name == queue.Transcribe {
			return queuebolt.Options{Visibility: callVisibility, Share: crew[name].share}
		}
		return queuebolt.Options{Visibility: jobVisibility, Share: crew[name].share}
	}, h.now)
	if err != nil {
		return err
	}
	h.Blobs.OnCreated = func(ctx context.Context, key string, _ blob.Info) error {
		return announce(ctx, h.Queues[queue.Ingest], key)
	}
	return nil
}

// handler serves the APIs and, beside them, the signed uploads. A ServeMux
// would redirect what the API's own edge answers.
func (h *host) handler() http.Handler {
	apis := api.Handler(h.edge(), h.endpoints()...)
	uploads := h.Blobs.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, dir.UploadPath) {
			uploads.ServeHTTP(w, r)
			return
		}
		apis.ServeHTTP(w, r)
	})
}

func (h *host) edge() api.Config {
	return api.Config{
		Verify: h.admit, Limits: h.limits, Turns: &limit.Turns{AtOnce: halfTheProcessors()}, Strangers: &limit.Strangers{},
		Table: h.Table, Now: h.now,
	}
}

// admit is [access.Directory.Admit]; it notes whose the key is.
func (h *host) admit(ctx context.Context, bearer string) (access.Principal, error) {
	p, err := h.Access.Admit(ctx, bearer)
	if err == nil {
		h.present.Seen(p.Workspace)
	}
	return p, err
}

// halfTheProcessors is what one workspace's dear requests may keep busy, and
// what its jobs may.
func halfTheProcessors() int { return runtime.GOMAXPROCS(0) / 2 }

func (h *host) endpoints() []api.Endpoint {
	process := api.Process{Version: version, Started: h.now(), Now: h.now}
	parts := []api.Part{{Name: "disk", Check: h.disk.Check}}
	streams := sessions.Streams{Poll: pollFeed, SlowPoll: pollFeed, Watch: h.changes.Watch, Drain: h.drain}
	return stack.Endpoints(h.Sessions, h.Conversations, h.Access, streams, process, h.Table, parts)
}

// run serves until ctx ends; then streams end, requests and jobs finish.
func (h *host) run(ctx context.Context) error {
	server := &http.Server{
		Handler:           h.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	background := h.background(working)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(h.listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = h.shutdown(server)
	}
	stop()
	background.Wait()
	return err
}

func (h *host) background(ctx context.Context) *sync.WaitGroup {
	wg := work(ctx, h.disk, h.Queues, h.Workers, h.turns)
	wg.Go(func() { every(ctx, sweepEvery, whenWritable(h.disk, h.sweep)) })
	wg.Go(func() { every(ctx, expireEvery, h.expire) })
	wg.Go(func() { every(ctx, inboxEvery, whenWritable(h.disk, h.inbox.look)) })
	wg.Go(func() { every(ctx, expireEvery, whenWritable(h.disk, h.inbox.expire)) })
	if h.operator != nil {
		wg.Go(func() { h.serveOperator(ctx) })
	}
	return wg
}

// turns are those of all jobs that keep a processor busy: one workspace's leave
// half of the processors to requests and to others.
func (h *host) turns(name queue.Name) *limit.Turns {
	if elsewhere[name] || name == queue.Extract && h.model {
		return nil
	}
	return &h.jobTurns
}

func (h *host) serveOperator(ctx context.Context) {
	err := operator.Serve(ctx, h.operator, func(call context.Context, args []string, out io.Writer) error {
		return h.command(call, ctx, args, out)
	})
	if err != nil {
		slog.ErrorContext(ctx, "serving the operator's socket", "error", err)
	}
}

// desk is where operators' commands work on this host.
func (h *host) desk() operator.Desk {
	return operator.Desk{
		Access:   h.Access,
		Limits:   func(context.Context) (*limit.Limiter, error) { return h.limits, nil },
		Queue:    func(_ context.Context, name queue.Name) (queue.Queue, error) { return h.Queues[name], nil },
		Recounts: []func(context.Context, string) error{h.Sessions.Recount, h.Upkeep.Recount},
		Reindex:  h.Upkeep.Reindex,
	}
}

func (h *host) sweep(ctx context.Context) {
	_, err := h.Sweeper.Sweep(ctx)
	if err != nil && ctx.Err() == nil && !errs.Is(err, errs.InsufficientStorage) { // which the host has said
		slog.ErrorContext(ctx, "sweeping", "error", err)
	}
}

// expire removes expired rows, a bounded number at a time.
func (h *host) expire(ctx context.Context) {
	for removed := 1; removed > 0 && ctx.Err() == nil; {
		var err error
		if removed, err = h.Table.Sweep(ctx); err != nil {
			if errs.Is(err, errs.InsufficientStorage) {
				return // the host has said so
			}
			slog.ErrorContext(ctx, "removing expired rows", "error", err)
			return
		}
	}
}

func (h *host) shutdown(server *http.Server) error {
	close(h.drain)
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("ending open requests: %w", err)
	}
	return nil
}

func (h *host) close() error {
	if h.listener != nil {
		_ = h.listener.Close() // closed already when it was served
	}
	var err error
	if h.System != nil {
		h.Access.Settle()
	}
	if h.Embedded != nil {
		err = h.Blobs.Close()
	}
	return errors.Join(err, h.db.Close())
}
