// Command coldstart measures how functions start, on this machine and against
// an aws-lambda-go hello that is built in the same run: from spawn to the
// first poll of the Runtime API, allocations in package initialisers, sizes of
// the binary and of its zip, and the processor's time up to the first answer
// that needs DynamoDB.
//
//	go run ./infra/coldstart            print
//	go run ./infra/coldstart -check     and fail where a limit is passed
//
// A start that is over its limit is measured again, up to three times, beside
// hello; the least of them counts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"griot/infra/lambda/build"
)

func main() {
	check := flag.Bool("check", false, "fail where a limit is passed")
	rounds := flag.Int("n", 20, "starts of each function")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	broken, err := run(ctx, *rounds)
	if err != nil {
		fmt.Fprintln(os.Stderr, "coldstart:", err)
		os.Exit(1)
	}
	for _, sentence := range broken {
		fmt.Println("over the limit:", sentence)
	}
	if *check && len(broken) > 0 {
		os.Exit(1)
	}
}

// The two programs that are measured against.
const (
	helloDir    = "infra/coldstart/hello"
	defaultsDir = "infra/coldstart/defaults"
	readerDir   = "functions/sessions-get"
)

func run(ctx context.Context, rounds int) (broken []string, err error) {
	root, err := build.Root(".")
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "griot-coldstart-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	functions, err := filepath.Glob(filepath.Join(root, "functions", "*"))
	if err != nil {
		return nil, err
	}
	dirs := []string{helloDir}
	for _, f := range functions {
		dirs = append(dirs, "functions/"+filepath.Base(f))
	}
	out := filepath.Join(tmp, "bin")
	if err := build.Functions(ctx, root, out, dirs...); err != nil {
		return nil, err
	}
	told, err := environments(root)
	if err != nil {
		return nil, err
	}
	b := bench{ctx: ctx, root: root, tmp: tmp, rounds: rounds, told: told}
	rows, err := b.measure(out, dirs)
	if err != nil {
		return nil, err
	}
	broken = report(rows)
	ours, theirs, err := b.firstAnswer()
	if err != nil {
		return nil, err
	}
	return append(broken, reportAnswer(ours, theirs)...), nil
}

// isWorker: a worker's start hurts nobody who waits.
func isWorker(name string) bool { return strings.HasPrefix(name, "worker-") }
