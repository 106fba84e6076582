// Command hostile shows what one tenant at full speed leaves to another: for
// each thing that a host can be burdened with, how the other's requests went,
// beside how they go alone.
//
//	go run ./infra/hostile                            an embedded host of its own
//	go run ./infra/hostile -stack NAME -url URL       a stack of one's own
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
	"text/tabwriter"
	"time"

	"griot/infra/hostile/attack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	stack, url string
	seconds    int // of each round
	clients    int // of the hostile tenant
	rate       int // of its requests a second; 0: as fast as it can
	honest     int // of the other
	pause      time.Duration
	kinds      []attack.Kind
	limits     [][]string // arguments of workspaces limit for the hostile tenant
}

// Bounds of what may be asked for.
const (
	mostSeconds = 60
	mostClients = 64
	// mostAsked bounds the requests of a round.
	mostAsked = 100_000
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
	fs.IntVar(&o.seconds, "seconds", 5, "how long each kind lasts, up to 60")
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
	case fs.NArg() > 0 || !within(o.seconds, mostSeconds) || !within(o.clients, mostClients) || !within(o.honest, mostClients) || o.pause < 0 || o.rate < 0:
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
	p, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	quiet, err := p.tenant(ctx, nil)
	if err != nil {
		return err
	}
	// What is not yet ready when it is first asked for is no part of the table.
	if _, err := round(ctx, o, p, quiet, nil); err != nil {
		return err
	}
	alone, err := round(ctx, o, p, quiet, nil)
	if err != nil {
		return err
	}
	t := newTable(stdout, o, alone)
	defer func() { err = errors.Join(err, t.out.Flush()) }()
	for _, k := range o.kinds {
		if attack.Local[k.Name] && !isLoopback(p.base) {
			t.leave(k.Name, "the host cannot reach this machine")
			continue
		}
		r, err := round(ctx, o, p, quiet, &k)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		t.add(k.Name, r)
	}
	return nil
}

// result is what both tenants had.
type result struct {
	attack.Experience
	hostile attack.Tally
}

// round lets the honest tenant work for a while, beside a new one that is
// hostile, unless kind is nil.
func round(ctx context.Context, o options, p *place, quiet attack.Client, kind *attack.Kind) (r result, err error) {
	hostile, ask := make(chan attack.Tally, 1), (func(context.Context, int64) int)(nil)
	if kind != nil {
		c, err := p.tenant(ctx, o.limits)
		if err != nil {
			return r, err
		}
		var end func()
		if ask, end, err = kind.Start(ctx, c); err != nil {
			return r, err
		}
		if end != nil {
			defer end()
		}
	}
	timed, stop := context.WithTimeout(ctx, time.Duration(o.seconds)*time.Second)
	defer stop()
	go func() {
		if ask == nil {
			hostile <- attack.Tally{}
			return
		}
		hostile <- attack.Press(timed, o.clients, o.rate, ask, func(t attack.Tally) bool { return t.Asked() >= mostAsked })
	}()
	r.Experience, err = attack.Work(timed, quiet, o.honest, o.pause)
	stop()
	r.hostile = <-hostile
	return r, errors.Join(err, ctx.Err())
}

// table prints what was found, in Markdown.
type table struct {
	out     *tabwriter.Writer
	alone   result
	seconds int
}

func newTable(out io.Writer, o options, alone result) *table {
	t := &table{tabwriter.NewWriter(out, 0, 0, 1, ' ', 0), alone, o.seconds}
	fmt.Fprintln(t.out, "| beside\t| its requests a second\t| served\t| 429\t| quota\t| other 4xx\t| failed\t| of the honest: requests\t| failed\t| p50, ms\t| p99, ms\t| × alone\t| a file, s\t|")
	fmt.Fprintln(t.out, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	t.add("nobody", alone)
	return t
}

func (t *table) add(name string, r result) {
	h := r.hostile
	file := "–"
	if r.File > 0 {
		file = fmt.Sprintf("%.1f", r.File.Seconds())
	}
	fmt.Fprintf(t.out, "| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %d\t| %.1f\t| %.1f\t| %.1f\t| %s\t|\n",
		name, h.Asked()/t.seconds, h.Served, h.Limited, h.Quota, h.Refused, h.Failed, len(r.Took), r.Experience.Failed,
		ms(r.At(50)), ms(r.At(99)), ms(r.At(99))/max(ms(t.alone.At(99)), 0.001), file)
	if r.Example != "" {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, r.Example)
	}
}

func (t *table) leave(name, why string) { fmt.Fprintf(t.out, "| %s: %s\t|\n", name, why) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

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
