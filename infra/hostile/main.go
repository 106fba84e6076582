// Command hostile shows what one tenant at full speed leaves to another: for
// each thing that a host can be burdened with, how the other's requests went,
// beside how they go alone.
//
//	go run ./infra/hostile                            an embedded host of its own
//	go run ./infra/hostile -stack NAME -url URL       a stack of one's own
//
// The hostile tenant is a process of its own, which gives way to all others
// (nice), since it would be on another machine. What its work takes all the same
// is the row "elsewhere": it asks a server in its own process that answers at
// once, and the host for nothing.
//
// A stack's operator signs in as for the other commands (internal/docs/deploy.md);
// infra/lambda is one, too. Every kind gets a new workspace, which stays there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"griot/infra/hostile/attack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := error(nil)
	if slices.Equal(os.Args[1:], []string{sendCommand}) {
		err = send(ctx, os.Stdin, os.Stdout)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	stack, url string
	requests   int // of the honest tenant in each round
	seconds    int // of a round at most
	clients    int // of the hostile tenant
	rate       int // of its requests a second; 0: as fast as it can
	honest     int // connections of the other
	pause      time.Duration
	kinds      []attack.Kind
	limits     [][]string // arguments of workspaces limit for the hostile tenant
}

// Bounds of what may be asked for.
const (
	mostRequests = 100_000
	mostSeconds  = 300
	mostClients  = 64
)

func parseOptions(args []string, stderr io.Writer) (o options, err error) {
	var names []string
	for _, k := range attack.Kinds {
		names = append(names, k.Name)
	}
	fs := flag.NewFlagSet("hostile", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.stack, "stack", "", "burden the stack `name`, which has to be one's own, and not an embedded host made for it")
	fs.StringVar(&o.url, "url", "", "the stack's base `URL`")
	fs.IntVar(&o.requests, "requests", 600, "how many `requests` of the honest tenant each kind lasts, up to 100000")
	fs.IntVar(&o.seconds, "seconds", 20, "how long each kind lasts at most, up to 300")
	fs.IntVar(&o.clients, "clients", 16, "connections of the hostile tenant, up to 64")
	fs.IntVar(&o.rate, "rate", 0, "requests of the hostile tenant a second, where its own work is not to take the host's processors; 0 is as many as it can")
	fs.IntVar(&o.honest, "honest", 2, "connections of the honest one, up to 64")
	fs.DurationVar(&o.pause, "pause", 20*time.Millisecond, "`time` between two requests of an honest one")
	kinds := fs.String("kinds", strings.Join(names, ","), "only these `kinds`, with commas between")
	fs.Func("limit", "lower the limits of the hostile tenant, in the `words` of workspaces limit: \"-class heavy -writes 20\"; may be said again", func(words string) error {
		o.limits = append(o.limits, strings.Fields(words))
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	for _, name := range strings.Split(*kinds, ",") {
		i := slices.Index(names, name)
		if i < 0 {
			return o, fmt.Errorf("-kinds: %q is none of %v", name, names)
		}
		o.kinds = append(o.kinds, attack.Kinds[i])
	}
	within := func(n, most int) bool { return n >= 1 && n <= most }
	switch {
	case (o.stack == "") != (o.url == ""):
		return o, errors.New("-stack and -url go together")
	case fs.NArg() > 0 || !within(o.requests, mostRequests) || !within(o.seconds, mostSeconds) || !within(o.clients, mostClients) || !within(o.honest, mostClients) || o.pause < 0 || o.rate < 0:
		return o, errors.New("a flag is out of its bounds; see -h")
	}
	return o, nil
}

// run is the whole program; ctx ends it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	h, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	alone, err := measure(ctx, o, h, nil)
	if err != nil {
		return err
	}
	t := newTable(stdout, alone)
	defer func() { err = errors.Join(err, t.out.Flush()) }()
	for _, k := range o.kinds {
		if attack.Local[k.Name] && o.url != "" && !isLoopback(o.url) {
			t.leave(k.Name, "the host cannot reach this machine")
			continue
		}
		r, err := measure(ctx, o, h, &k)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		t.add(k.Name, r)
	}
	return nil
}

// warmUp is how many requests come before those that count: what is not yet
// ready when it is first asked for is no part of the table.
const warmUp = 100

// measure is one row of the table. An embedded host is new for each, since one
// kind leaves work behind that would be in the next one's row.
func measure(ctx context.Context, o options, h hosts, kind *attack.Kind) (r result, err error) {
	p, err := h.open(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	quiet, err := p.tenant(ctx, nil)
	if err != nil {
		return r, err
	}
	if _, err := attack.Work(ctx, quiet, o.honest, o.pause, warmUp); err != nil {
		return r, err
	}
	return round(ctx, o, p, quiet, kind)
}

// result is what both tenants had.
type result struct {
	attack.Experience
	attack.Sent
}

// round lets the honest tenant work for a while, beside a new one that is
// hostile, unless kind is nil.
func round(ctx context.Context, o options, p *place, quiet attack.Client, kind *attack.Kind) (r result, err error) {
	var hostile *sender
	if kind != nil {
		c, err := p.tenant(ctx, o.limits)
		if err != nil {
			return r, err
		}
		if hostile, err = startSender(ctx, order{Base: c.Base, Key: c.Key, Kind: kind.Name, Clients: o.clients, Rate: o.rate}); err != nil {
			return r, err
		}
	}
	timed, stop := context.WithTimeout(ctx, time.Duration(o.seconds)*time.Second)
	defer stop()
	r.Experience, err = attack.Work(timed, quiet, o.honest, o.pause, o.requests)
	if hostile != nil {
		var ended error
		r.Sent, ended = hostile.end()
		err = errors.Join(err, ended)
	}
	return r, errors.Join(err, ctx.Err())
}

func isLoopback(base string) bool {
	u, err := url.Parse(base)
	return err == nil && u.Hostname() == "127.0.0.1"
}

// client has connections of its own for each tenant.
func client(base, key string) attack.Client {
	return attack.Client{Base: base, Key: key, HTTP: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: mostClients},
	}}
}
