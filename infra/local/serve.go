package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"griot/infra/tenancy"
	"griot/internal/audit"
	"griot/internal/errs"
	"griot/internal/operator"
)

// heapTarget is where the garbage collector begins to work harder; GOMEMLIMIT
// overrides it. A full cache of the index is as much garbage before the
// collector runs by itself, and the rest of the server is less than another:
// a target near the cache would have it collect without end.
const heapTarget = 3 * indexCache

// serve runs the server until ctx ends.
func serve(ctx context.Context, o options, out io.Writer) error {
	return withHost(o, func(h *host) error {
		e, err := h.ready(ctx)
		if err != nil {
			return explainOpen(h.data, err)
		}
		printBanner(out, h, e)
		return h.run(ctx)
	})
}

// withHost opens a host on the data directory, or on a temporary one that is
// removed afterwards.
func withHost(o options, fn func(*host) error) (err error) {
	log := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: o.level()})
	slog.SetDefault(slog.New(log))
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapTarget)
	}
	data := o.data
	if data == nowhere {
		if data, err = os.MkdirTemp("", "griot-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	}
	h, err := open(o, data)
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(audit.Keep(log, (&auditLog{dir: auditPath(data)}).keep)))
	defer func() { err = errors.Join(err, h.close()) }()
	return fn(h)
}

// ready makes what a newcomer needs, opens the operator's socket and, last,
// writes the env file: the listener is open by then.
func (h *host) ready(ctx context.Context) (tenancy.Env, error) {
	last, err := tenancy.Read(h.data)
	if err != nil {
		return tenancy.Env{}, err
	}
	if err := h.checkKnown(ctx, last); err != nil {
		return tenancy.Env{}, err
	}
	e, err := tenancy.Furnish(ctx, h.Access, last)
	if err != nil {
		return tenancy.Env{}, fmt.Errorf("making the first workspaces: %w", err)
	}
	if h.operator, err = operator.Listen(socketPath(h.data)); h.lacking(&err) {
		slog.WarnContext(ctx, "there is no socket for the operator's commands: they have to wait for room on the disk and a restart")
	}
	if err != nil {
		return tenancy.Env{}, err
	}
	e.Base = h.base
	if err = e.Write(h.data); last.Base != "" && h.lacking(&err) {
		slog.WarnContext(ctx, "the env file could not be written and is that of the last start", "base", h.base)
	}
	return e, err
}

// lacking reports whether an error is a disk's that takes no writes, and
// forgets it: what is stored can be served without them.
func (h *host) lacking(err *error) bool {
	if !errs.Is(h.disk.Explain(*err), errs.InsufficientStorage) {
		return false
	}
	*err = nil
	return true
}

// printBanner says what serves where. Keys are shown to a person only: what
// is not a terminal may be a log.
func printBanner(out io.Writer, h *host, e tenancy.Env) {
	keys := fmt.Sprintf("  keys          %s\n", tenancy.Path(h.data))
	if isTerminal(out) {
		keys = fmt.Sprintf("  workspace 1   %s\n  workspace 2   %s\n", e.First.Key, e.Second.Key)
	}
	fmt.Fprintf(out, `griot serves %s

%s  data          %s

Take the tour: README.md, "Two minutes". It begins with:  source %s
Ctrl-C ends it.
`, h.base, keys, h.data, tenancy.Path(h.data))
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func socketPath(data string) string { return filepath.Join(data, "operator.sock") }
