package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/infra/lambda/build"
	"griot/infra/lambda/gateway"
	"griot/infra/lambda/mapping"
	"griot/infra/lambda/plane"
	"griot/infra/lambda/platform"
	"griot/infra/lambda/template"
	"griot/infra/stack"
	"griot/infra/tenancy"
	"griot/internal/access"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

// drainTime is how long requests and jobs may go on after Ctrl-C.
const drainTime = 5 * time.Second

// host is the whole system.
type host struct {
	options  options
	place    stack.Place
	platform *platform.Platform
	gateway  *gateway.Gateway
	front    http.Handler // the gateway, at its domain or below its stage
	stage    string       // /dev, where clients have to say it
	listener net.Listener
	access   *access.Directory
	mappings []mapping.Mapping
	timers   []mapping.Schedule
}

// open brings everything up but serves nothing yet.
func open(ctx context.Context, o options, log io.Writer) (*host, error) {
	config, engines, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	root, err := build.Root(".")
	if err != nil {
		return nil, err
	}
	h := &host{options: o}
	tmpl, err := template.Load(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	h.place = stack.Place{Stack: o.stack, Region: config.Region, Account: "000000000000", Parameters: tmpl.Defaults()}
	h.place.Parameters["BedrockModel"] = "" // LocalStack has none
	h.place.Parameters["Transcriber"] = o.transcriber
	h.place.Parameters["TranscriberModel"] = cmp.Or(os.Getenv("GRIOT_TRANSCRIBER_MODEL"), h.place.Parameters["TranscriberModel"])
	h.place.Parameters["TranscriberKey"] = os.Getenv("GRIOT_TRANSCRIBER_KEY")
	h.place.Conditions = map[string]bool{"HasServer": o.transcriber != none && o.transcriber != setup.Amazon}
	if err := h.build(ctx, root); err != nil {
		return nil, err
	}
	engines.Visibility = o.visibility
	if err := engines.Create(ctx, h.place); err != nil {
		return nil, err
	}
	if h.listener, err = net.Listen("tcp", o.addr); err != nil {
		return nil, err
	}
	h.platform = platform.New(platform.Options{Region: config.Region, Log: log, Verbose: o.verbose}, h.functions()...)
	api := tmpl.API()
	h.gateway = gateway.New(api, gateway.Routes(h.place), h.platform.Invoke)
	h.front = h.gateway
	if o.staged {
		h.front, h.stage = h.gateway.Staged(), "/"+api.Stage
	}
	if err := errors.Join(h.connectSources(ctx, engines), h.openAccess(config)); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *host) bin() string { return filepath.Join(h.options.data, "bin") }

func (h *host) build(ctx context.Context, root string) error {
	var dirs []string
	for _, f := range h.place.Functions() {
		dirs = append(dirs, f.Directory())
	}
	return build.Functions(ctx, root, h.bin(), dirs...)
}

// functions are what the platform runs: the stack's, with the way to the
// engines and with what the flags say.
func (h *host) functions() (list []platform.Function) {
	shared := maps.Clone(h.options.variables)
	shared["AWS_LAMBDA_LOG_LEVEL"] = "WARN"
	if h.options.verbose {
		shared["AWS_LAMBDA_LOG_LEVEL"] = "INFO"
	}
	if h.options.loopbackURLs {
		shared["GRIOT_LOOPBACK_URLS"] = "true"
	}
	for _, f := range h.place.Functions() {
		env := h.place.Environment(f)
		maps.Copy(env, shared)
		binary, _ := filepath.Abs(build.Binary(h.bin(), f.Directory())) // fails without a working directory: go build had one
		list = append(list, platform.Function{
			Name: h.place.Name(f), ARN: h.place.ARN(f), Binary: binary, Env: env,
			Timeout: f.Time(), MemoryMB: f.MemoryMB(), Reserved: h.place.Limit(f),
		})
	}
	return list
}

func (h *host) connectSources(ctx context.Context, engines *plane.Plane) error {
	for _, f := range h.place.Functions() {
		switch {
		case f.Worker != "":
			arn := h.place.QueueARN(f.Worker)
			client, url, err := engines.Queue(ctx, arn)
			if err != nil {
				return err
			}
			m := mapping.Mapping{
				Source:   mapping.Source{QueueARN: arn, Batch: 1, Concurrency: f.AtOnce, Partial: true},
				Function: h.place.Name(f), Invoke: h.platform.Invoke,
			}
			m.Receive, m.Remove = mapping.Queue(client, url, arn)
			h.mappings = append(h.mappings, m)
		case f.Every > 0:
			every := f.Every
			if h.options.every > 0 {
				every = h.options.every
			}
			h.timers = append(h.timers, mapping.Schedule{Every: every, Function: h.place.Name(f), ARN: h.place.ARN(f), Invoke: h.platform.Invoke})
		}
	}
	return nil
}

func (h *host) openAccess(config aws.Config) error {
	c, err := setup.Stack(os.Getenv, h.options.stack)
	if err != nil {
		return err
	}
	c.AWS = config
	store, err := tables.New(c, table.Access, table.Sessions)
	h.access = &access.Directory{Table: store, Now: time.Now}
	return err
}

// ready makes what a newcomer needs and, last, writes the env file: the
// listener is open by then.
func (h *host) ready(ctx context.Context, out io.Writer) error {
	last, err := tenancy.Read(h.options.data)
	if err != nil {
		return err
	}
	e, err := tenancy.Furnish(ctx, h.access, last)
	if err != nil {
		return fmt.Errorf("making the first workspaces: %w", err)
	}
	e.Base = "http://" + h.listener.Addr().String() + h.stage
	fmt.Fprintf(out, `griot serves %s with %d Lambda functions

  workspace 1   %s
  workspace 2   %s
  stack         %s

The tour of README.md works here, too. It begins with:  source %s
Ctrl-C ends it.
`, e.Base, len(h.place.Functions()), e.First.Key, e.Second.Key, h.options.stack, tenancy.Path(h.options.data))
	return e.Write(h.options.data)
}

// run serves until ctx ends.
func (h *host) run(ctx context.Context) error {
	server := &http.Server{Handler: h.front, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var background sync.WaitGroup
	for _, m := range h.mappings {
		background.Go(func() { m.Run(working) })
	}
	for _, t := range h.timers {
		background.Go(func() { t.Run(working) })
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(h.listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stop()
	h.drain(server, &background)
	return err
}

// drain lets requests and jobs finish for a while, then ends all processes:
// what a job did not finish comes back, and streams are resumed elsewhere.
func (h *host) drain(server *http.Server, background *sync.WaitGroup) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	idle := make(chan struct{})
	go func() {
		_ = server.Shutdown(ctx) // the rest is cut
		background.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	h.platform.Close()
	_ = server.Close() // nothing is left to be sent
	<-idle
}

func (h *host) close() {
	if h.listener != nil {
		_ = h.listener.Close() // closed already when it was served
	}
	if h.platform != nil {
		h.platform.Close()
	}
}
