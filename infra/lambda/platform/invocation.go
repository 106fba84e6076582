package platform

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"time"
)

// invocation is one event on its way through a function.
type invocation struct {
	id       string
	event    []byte
	deadline time.Time

	out   chan outcome // gets exactly one
	begin sync.Once
	in    *io.PipeReader // of a streamed answer
	pipe  *io.PipeWriter
}

type outcome struct {
	answer *Answer
	err    error
}

func newInvocation(event []byte) *invocation {
	inv := &invocation{id: NewID(), event: event, out: make(chan outcome, 1)}
	inv.in, inv.pipe = io.Pipe()
	return inv
}

// NewID returns a UUID.
func NewID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// fail ends the invocation with an error: before its answer, or in the middle
// of a streamed one. After its end, and without an error, it does nothing.
func (inv *invocation) fail(err error) {
	if err == nil {
		return
	}
	inv.begin.Do(func() { inv.out <- outcome{err: err} })
	_ = inv.pipe.CloseWithError(err) // never fails
}

// answer ends the invocation with a whole answer.
func (inv *invocation) answer(body []byte) {
	inv.begin.Do(func() { inv.out <- outcome{answer: &Answer{Body: io.NopCloser(bytes.NewReader(body))}} })
	_ = inv.pipe.Close() // never fails
}

// stream passes a streamed answer on. It reads body to its end also when
// nobody listens any more. An error of body is not the answer's end: why the
// process broke off is known to whoever watches it.
func (inv *invocation) stream(body io.Reader) error {
	inv.begin.Do(func() { inv.out <- outcome{answer: &Answer{Streamed: true, Body: inv.in}} })
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			_, _ = inv.pipe.Write(buf[:n]) // fails when nobody listens
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// abandon lets go of the answer, when it comes.
func (inv *invocation) abandon() {
	if out := <-inv.out; out.answer != nil {
		_ = out.answer.Body.Close() // never fails
	}
}
