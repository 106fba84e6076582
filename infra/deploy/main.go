// Command deploy brings griot into an AWS account, or what is there up to
// date, with the SAM CLI:
//
//	go run ./infra/deploy [-env NAME] [Parameter=Value …]
//
// It looks first whether the account can take it, builds, deploys what is kept
// (infra/data.yaml) and then the functions (template.yaml), always with all
// parameters, protects the tables, and asks what stands there now (the smoke
// test). Name, region and parameters are those of samconfig.toml; the
// arguments go before it, for this time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	env                     string // of samconfig.toml
	preflight, smoke, check bool   // only this
	url                     string // of the smoke test; "" for the stack's own
	yes                     bool   // without asking before the functions change
}

func parseOptions(args []string, stderr io.Writer) (o options, parameters []string, err error) {
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.env, "env", "default", "deploy the environment `name` of samconfig.toml")
	fs.BoolVar(&o.preflight, "preflight", false, "only look whether the account can take it; nothing is changed")
	fs.BoolVar(&o.smoke, "smoke", false, "only ask what stands there")
	fs.StringVar(&o.url, "url", "", "base `URL` of the smoke test, when it is not the stack's output Url")
	fs.BoolVar(&o.check, "check", false, "try all that needs no account, on the engine that AWS_ENDPOINT_URL names (infra/engines)")
	fs.BoolVar(&o.yes, "yes", false, "change the functions without asking, also where samconfig.toml says confirm_changeset")
	fs.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run ./infra/deploy [flags] [Parameter=Value …]\n\nParameters are those of template.yaml and infra/data.yaml (internal/docs/deploy.md).\n\nFlags:")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return o, nil, err
	}
	only := 0
	for _, set := range []bool{o.preflight, o.smoke, o.check} {
		if set {
			only++
		}
	}
	if only > 1 {
		return o, nil, errors.New("-preflight, -smoke and -check are one at a time")
	}
	for _, late := range fs.Args() {
		if strings.HasPrefix(late, "-") {
			return o, nil, fmt.Errorf("%s comes too late: flags stand before parameters", late)
		}
	}
	return o, fs.Args(), nil
}

// run is the whole program; ctx ends it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, given, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	if o.check {
		return check(ctx, stdout)
	}
	s, err := load(o.env, given)
	if err != nil {
		return err
	}
	d, err := enter(ctx, s, stdout)
	if err != nil {
		return err
	}
	d.yes = o.yes
	if o.smoke {
		return d.ask(ctx, o.url, "")
	}
	if err := d.preflight(ctx); err != nil || o.preflight {
		return err
	}
	return d.deploy(ctx, o.url)
}
