package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"griot/infra/lambda/build"
	"griot/infra/lambda/template"
	"griot/infra/stack"
)

// bench is one run.
type bench struct {
	ctx       context.Context
	root, tmp string
	rounds    int
	told      map[string]map[string]string // the environments of functions, by their names
}

// row is what was measured of a function.
type row struct {
	name      string
	start     time.Duration // median, from spawn to the first poll
	ratio     float64       // median of start to hello's in the same round
	allocs    int           // in package initialisers
	size, zip int64
	aws       bool // links S3 or SQS
}

func (b bench) measure(out string, dirs []string) ([]row, error) {
	rows := make([]row, len(dirs))
	for i, dir := range dirs {
		var err error
		if rows[i], err = b.still(build.Binary(out, dir)); err != nil {
			return nil, err
		}
	}
	starts := make([][]time.Duration, len(dirs))
	ratios := make([][]float64, len(dirs))
	for range b.rounds { // interleaved: the machine's noise falls on all alike
		for i, dir := range dirs {
			took, err := b.start(build.Binary(out, dir))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", dir, err)
			}
			starts[i] = append(starts[i], took)
			ratios[i] = append(ratios[i], float64(took)/float64(starts[0][len(starts[0])-1]))
		}
	}
	for i, dir := range dirs {
		rows[i].start, rows[i].ratio = median(starts[i]), median(ratios[i])
		if err := b.again(&rows[i], build.Binary(out, dirs[0]), build.Binary(out, dir)); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// again measures a function that seems to start too slowly up to three times
// more, with hello right before each start: noise goes by, slowness stays.
func (b bench) again(r *row, hello, binary string) error {
	for try := 0; try < 3 && r.slow(); try++ {
		var ratios []float64
		for range b.rounds {
			base, err := b.start(hello)
			if err != nil {
				return err
			}
			took, err := b.start(binary)
			if err != nil {
				return err
			}
			ratios = append(ratios, float64(took)/float64(base))
		}
		r.ratio = min(r.ratio, median(ratios))
	}
	return nil
}

func median[T int64 | float64 | time.Duration](values []T) T {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// start runs a binary until it polls.
func (b bench) start(binary string) (time.Duration, error) {
	rt, err := newRuntime()
	if err != nil {
		return 0, err
	}
	defer rt.close()
	cmd := b.command(binary, rt.address())
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = cmd.Wait() }() // it was killed
	defer func() { _ = cmd.Process.Kill() }()
	polled, err := b.polls(rt)
	return polled.Sub(begun), err
}

// environments are what the template's defaults tell the functions; those that
// only stand with another parameter have that.
func environments(root string) (map[string]map[string]string, error) {
	tmpl, err := template.Load(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
	for _, f := range stack.Functions() {
		here := stack.Place{Stack: "griot-cold", Region: "eu-west-1", Account: "000000000000", Parameters: tmpl.Defaults()}
		if f.Condition == "HasServer" {
			here.Parameters["Transcriber"] = "https://speech.example.com"
		}
		all[f.Name()] = here.Environment(f)
	}
	return all, nil
}

// command is a function with the environment that it has on Lambda; what is
// none of them has that of the reader. Nobody listens where its clients
// connect to.
func (b bench) command(binary, runtime string, more ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.ctx, binary)
	cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + runtime, "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL=http://127.0.0.1:9",
	}, more...)
	told, ok := b.told[filepath.Base(binary)]
	if !ok {
		told = b.told[filepath.Base(readerDir)]
	}
	for name, value := range told {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// polls waits until a function asks for its first job.
func (b bench) polls(rt *lambdaRuntime) (time.Time, error) {
	select {
	case polled := <-rt.polled:
		return polled, nil
	case <-time.After(20 * time.Second):
		return time.Time{}, fmt.Errorf("it does not poll")
	case <-b.ctx.Done():
		return time.Time{}, b.ctx.Err()
	}
}

// still has what does not vary from start to start.
func (b bench) still(binary string) (row, error) {
	r := row{name: filepath.Base(binary)}
	data, err := os.ReadFile(binary)
	if err != nil {
		return r, err
	}
	r.size, r.zip = int64(len(data)), zipped(data)
	r.aws = bytes.Contains(data, []byte("service/s3.")) || bytes.Contains(data, []byte("service/sqs."))
	r.allocs, err = b.initialisers(binary)
	return r, err
}

func zipped(data []byte) int64 {
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	w, err := zw.Create("bootstrap")
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil || zw.Close() != nil {
		panic("a buffer does not fail")
	}
	return int64(out.Len())
}

var initialiser = regexp.MustCompile(`(?m)^init .* (\d+) allocs$`)

// initialisers adds up the runtime's own trace.
func (b bench) initialisers(binary string) (int, error) {
	rt, err := newRuntime()
	if err != nil {
		return 0, err
	}
	defer rt.close()
	cmd := b.command(binary, rt.address(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	_, err = b.polls(rt)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", filepath.Base(binary), err, &trace)
	}
	total := 0
	for _, m := range initialiser.FindAllStringSubmatch(trace.String(), -1) {
		n, _ := strconv.Atoi(m[1]) // digits
		total += n
	}
	if total == 0 {
		return 0, fmt.Errorf("%s: no trace of its initialisers: %s", binary, &trace)
	}
	return total, nil
}
