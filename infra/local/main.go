// Command local is griot on one machine: all routes and all workers in one
// process, with its data in one directory.
//
//	go run ./infra/local                     serve
//	go run ./infra/local ingest FILE         send a file through and show what was found
//	go run ./infra/local import FILE         put an export's memories and conversations in
//	go run ./infra/local keys create|list|revoke
//	go run ./infra/local workspaces create|list|limit
//	go run ./infra/local usage               what a workspace has used of its limits
//	go run ./infra/local projects create|list|retention
//	go run ./infra/local queues list
//	go run ./infra/local redrive [QUEUE …]
//	go run ./infra/local check               look whether the data is whole
//	go run ./infra/local backup DIR          copy it
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "griot:", err)
		os.Exit(1)
	}
}

// run is the whole program; ctx ends it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, args, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return serve(ctx, o, stdout)
	}
	switch args[0] {
	case "ingest":
		return ingest(ctx, o, args[1:], stdout, stderr)
	case "import":
		return importArchive(ctx, o, args[1:], stdout, stderr)
	case "keys", "workspaces", "usage", "projects", "queues", "redrive":
		return operate(ctx, o, args, stdout)
	case "check", "backup":
		return care(ctx, o, args, stdout)
	default:
		return fmt.Errorf("unknown command %q; see -h", args[0])
	}
}
