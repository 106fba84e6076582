package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"griot/infra/hostile/attack"
	"griot/infra/lambda/build"
	"griot/infra/tenancy"
	"griot/internal/audit"
	"griot/internal/operator"
	"griot/internal/setup"
	"griot/internal/setup/auditlog"
	"griot/internal/setup/desk"
)

// hosts are what is burdened: one after the other, or always the same.
type hosts struct {
	open  func(context.Context) (*place, error)
	close func() error
}

// place is a host and the way to its operator's commands.
type place struct {
	base    string
	command func(ctx context.Context, args []string, out io.Writer) error
	close   func() error
}

func open(ctx context.Context, o options) (hosts, error) {
	if o.stack != "" {
		return deployed(o)
	}
	return embedded(ctx)
}

// deployed is a stack that stands.
func deployed(o options) (hosts, error) {
	c, err := setup.Stack(os.Getenv, o.stack)
	if err != nil {
		return hosts{}, err
	}
	d, err := desk.Open(c)
	if err != nil {
		return hosts{}, err
	}
	log := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	slog.SetDefault(slog.New(audit.Keep(log, auditlog.Writer(c, o.stack))))
	nothing := func() error { return nil }
	p := &place{
		base:    o.url,
		command: func(ctx context.Context, args []string, out io.Writer) error { return operator.Run(ctx, d, args, out) },
		close:   nothing,
	}
	return hosts{func(context.Context) (*place, error) { return p, nil }, nothing}, nil
}

// startTime is what a host may take until it serves.
const startTime = 30 * time.Second

// embedded are hosts of one's own on this machine.
func embedded(ctx context.Context) (hosts, error) {
	root, err := build.Root(".")
	if err != nil {
		return hosts{}, err
	}
	dir, err := os.MkdirTemp("", "griot-hostile-")
	if err != nil {
		return hosts{}, err
	}
	remove := func() error { return os.RemoveAll(dir) }
	binary := filepath.Join(dir, "griot")
	compile := exec.CommandContext(ctx, "go", "build", "-o", binary, "./infra/local")
	compile.Dir = root
	if text, err := compile.CombinedOutput(); err != nil {
		return hosts{}, errors.Join(fmt.Errorf("building the host: %w\n%s", err, text), remove())
	}
	return hosts{func(ctx context.Context) (*place, error) { return start(ctx, binary, filepath.Join(dir, "data")) }, remove}, nil
}

// start starts a host as it is by default, but for slow URLs, which are this
// machine's, and without anything from before.
func start(ctx context.Context, binary, data string) (*place, error) {
	server := exec.Command(binary, "-addr", "127.0.0.1:0", "-data", data, "-allow-loopback-urls")
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		return nil, err
	}
	end := func() error {
		killed := server.Process.Kill() // what it would still do is of no use
		_ = server.Wait()
		return errors.Join(killed, os.RemoveAll(data))
	}
	e, err := started(ctx, data)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	return &place{
		base: e.Base,
		command: func(ctx context.Context, args []string, out io.Writer) error {
			return operator.Call(ctx, filepath.Join(data, "operator.sock"), args, out)
		},
		close: end,
	}, nil
}

// started waits for what a host writes when it is ready.
func started(ctx context.Context, data string) (tenancy.Env, error) {
	ctx, stop := context.WithTimeout(ctx, startTime)
	defer stop()
	for {
		if e, err := tenancy.Read(data); err != nil || e.Base != "" {
			return e, err
		}
		select {
		case <-ctx.Done():
			return tenancy.Env{}, errors.New("the host does not become ready")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// tenant makes a workspace, with limits of its own if there are any, and a key
// of it.
func (p *place) tenant(ctx context.Context, limits [][]string) (attack.Client, error) {
	var workspace struct{ ID string }
	var key struct{ Key string }
	err := p.tell(ctx, &workspace, "workspaces", "create", "hostile", "-json")
	if err != nil {
		return attack.Client{}, err
	}
	for _, words := range limits {
		if err := p.tell(ctx, nil, append([]string{"workspaces", "limit", "-workspace", workspace.ID}, words...)...); err != nil {
			return attack.Client{}, err
		}
	}
	err = p.tell(ctx, &key, "keys", "create", "-workspace", workspace.ID, "-json")
	return client(p.base, key.Key), err
}

// tell runs an operator's command and decodes what it prints, unless out is nil.
func (p *place) tell(ctx context.Context, out any, args ...string) error {
	var printed bytes.Buffer
	if err := p.command(ctx, args, &printed); err != nil {
		return fmt.Errorf("%s %s: %w", args[0], args[1], err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(printed.Bytes(), out)
}
