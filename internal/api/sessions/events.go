package sessions

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"griot/internal/session"
	"griot/internal/session/capture"
)

// events writes server-sent events (contract E). Each write has a deadline,
// so that a reader who does not read is dropped; after an error nothing more
// is written.
type events struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	limit time.Duration // of one write
	err   error
	buf   []byte
}

func newEvents(w http.ResponseWriter, limit time.Duration) *events {
	return &events{w: w, rc: http.NewResponseController(w), limit: limit}
}

// open begins the answer; retry is how soon a reader reconnects.
func (e *events) open() {
	e.w.Header().Set("Content-Type", "text/event-stream")
	e.w.Header().Set("X-Accel-Buffering", "no")
	e.w.WriteHeader(http.StatusOK)
	e.write([]byte("retry: 2000\n\n"))
}

func (e *events) heartbeat() {
	e.write([]byte(": heartbeat\n\n"))
	e.flush()
}

func (e *events) segment(line capture.Line) {
	e.buf = append(e.buf[:0], "id: "...)
	e.buf = strconv.AppendInt(e.buf, line.Seq, 10)
	e.event("segment", line.JSON)
}

func (e *events) status(s session.Status) {
	e.buf = e.buf[:0]
	e.object("status", struct {
		Status session.Status `json:"status"`
	}{s})
}

func (e *events) resync(lastSeq int64) {
	e.buf = e.buf[:0]
	e.object("resync", struct {
		LastSeq int64 `json:"last_seq"`
	}{lastSeq})
}

// done is the last event. It has readers come back late who come back all the
// same: an EventSource does, and is told 204 then, at which polyfills whose
// fetch has no body for it fail and try again.
func (e *events) done(at capture.State) {
	e.buf = append(e.buf[:0], "retry: 3600000"...)
	e.object("done", struct {
		Status  session.Status `json:"status"`
		LastSeq int64          `json:"last_seq"`
	}{at.Status, at.LastSeq})
	e.flush()
}

func (e *events) object(name string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // words and numbers only
	}
	e.event(name, data)
}

// event completes the event that buf begins.
func (e *events) event(name string, data []byte) {
	if len(e.buf) > 0 {
		e.buf = append(e.buf, '\n')
	}
	e.buf = append(append(e.buf, "event: "...), name...)
	e.buf = append(append(e.buf, "\ndata: "...), data...)
	e.write(append(e.buf, "\n\n"...))
}

func (e *events) write(p []byte) {
	if e.err != nil {
		return
	}
	e.deadline()
	_, e.err = e.w.Write(p)
}

func (e *events) flush() {
	if e.err != nil {
		return
	}
	e.deadline()
	e.err = e.rc.Flush()
}

// deadline gives the next write its time. Hosts without a connection of
// their own have none, and need none.
func (e *events) deadline() {
	_ = e.rc.SetWriteDeadline(time.Now().Add(e.limit))
}
