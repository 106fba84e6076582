// Command transcribe stands for Amazon Transcribe in tests: four of its calls,
// checked as Amazon checks them, recordings from S3, the speech engine of
// infra/engines behind it, Amazon's result in the bucket, and the event of the
// end in a queue.
//
//	go run ./infra/engines/transcribe -addr 127.0.0.1:8191 -speech http://127.0.0.1:8190
//
// S3 and SQS are those of the environment (engines env). What it does wrong on
// demand is told to PUT /faults; see faults.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"griot/internal/setup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "transcribe:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("transcribe", flag.ContinueOnError)
	addr := fs.String("addr", "127.0.0.1:8191", "listen on `host:port`, of this machine only")
	speech := fs.String("speech", "http://127.0.0.1:8190", "`URL` of the speech engine")
	if err := fs.Parse(args); err != nil {
		return err
	}
	config, err := setup.AWSConfig(os.Getenv)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		listener.Close()
		return fmt.Errorf("%s is not an address of this machine alone", *addr)
	}
	jobs, done := context.WithCancel(ctx)
	defer done()
	server := &http.Server{Handler: newService(jobs, config, *speech)}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
