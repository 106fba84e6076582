package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	"griot/infra/hostile/attack"
)

// sendCommand is the argument that makes this program the hostile tenant, for
// the one that runs the rounds: it reads its order, prints a line when it has
// what it needs and begins, and when its input ends what it got.
const sendCommand = "send"

// order is what a sender is told.
type order struct {
	Base, Key, Kind string
	Clients, Rate   int
}

// sender is a hostile tenant at work.
type sender struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

// startSender begins to send. It goes behind all others for the processors
// where there is a nice: 39 more than anything is 19, the last.
func startSender(ctx context.Context, o order) (*sender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	words := []string{self, sendCommand}
	if nice, err := exec.LookPath("nice"); err == nil {
		words = append([]string{nice, "-n", "39"}, words...)
	}
	s := &sender{process: exec.CommandContext(ctx, words[0], words[1:]...)}
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.in, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("starting the sender: %w", err)
	}
	s.out = json.NewDecoder(out)
	var begun bool
	if err := errors.Join(json.NewEncoder(s.in).Encode(o), s.out.Decode(&begun)); err != nil {
		_, ended := s.end()
		return nil, errors.Join(fmt.Errorf("the sender has not begun: %w", err), ended)
	}
	return s, nil
}

// end ends the sending.
func (s *sender) end() (attack.Sent, error) {
	var sent attack.Sent
	err := s.in.Close()
	err = errors.Join(err, s.out.Decode(&sent), s.process.Wait())
	if state := s.process.ProcessState; state != nil {
		sent.Busy = state.UserTime() + state.SystemTime()
	}
	return sent, err
}

// send is the sender's own side.
func send(ctx context.Context, in io.Reader, out io.Writer) error {
	var o order
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&o); err != nil {
		return err
	}
	i := slices.IndexFunc(attack.Kinds, func(k attack.Kind) bool { return k.Name == o.Kind })
	if i < 0 {
		return fmt.Errorf("there is no kind %q", o.Kind)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ask, end, err := attack.Kinds[i].Start(ctx, client(o.Base, o.Key))
	if err != nil {
		return err
	}
	if end != nil {
		defer end()
	}
	go func() {
		_, _ = decoder.Token() // until the input ends
		stop()
	}()
	if err := json.NewEncoder(out).Encode(true); err != nil {
		return err
	}
	begun := time.Now()
	tally := attack.Press(ctx, o.Clients, o.Rate, ask, func(attack.Tally) bool { return false })
	return json.NewEncoder(out).Encode(attack.Sent{Tally: tally, Lasted: time.Since(begun)})
}
