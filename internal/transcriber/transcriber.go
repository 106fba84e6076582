// Package transcriber is the port to engines that write recordings down. They
// take minutes to hours: a work is started, and looked after until its answer
// is there. Waiting, giving up and reading answers are for the caller.
package transcriber

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Job names one attempt to write down the recording of a session. A second
// Start of the same job finds the first; a retry is another attempt.
type Job struct {
	Workspace string `json:"workspace"`
	Session   string `json:"session"`
	Attempt   int64  `json:"attempt"` // from 1
}

// Name is the job's name for engines that keep a list of them.
func (j Job) Name() string { return fmt.Sprintf("%s%s-%d", namePrefix, j.Session, j.Attempt) }

const namePrefix = "griot-"

// ParseName reads a name, in which there is no workspace. It is false for one
// that is no job's.
func ParseName(name string) (j Job, ok bool) {
	rest, ok := strings.CutPrefix(name, namePrefix)
	i := strings.LastIndexByte(rest, '-')
	if !ok || i < 0 {
		return Job{}, false
	}
	j.Session = rest[:i]
	j.Attempt, _ = strconv.ParseInt(rest[i+1:], 10, 64) // or it is another name
	return j, j.Session != "" && j.Attempt > 0 && j.Name() == name
}

// Encode returns the job as the body of a message.
func (j Job) Encode() []byte {
	data, err := json.Marshal(j)
	if err != nil {
		panic(err) // strings and a number always encode
	}
	return data
}

// DecodeJob reads what Encode wrote.
func DecodeJob(body []byte) (j Job, err error) {
	if err = json.Unmarshal(body, &j); err == nil && (j.Session == "" || j.Attempt < 1) {
		err = fmt.Errorf("a job without a session or an attempt")
	}
	return j, err
}

// Recording is what an engine is to write down, and what is known of it.
type Recording struct {
	Job
	Object string // its key in the object store
	Size   int64  // bytes

	// From the headers of the file.
	Kind       string // the container, as format.Kind has it: wav, mp3, …
	DurationMS int64  // -1: unknown
	Channels   int    // 0: unknown
	SampleRate int    // Hz, 0: unknown

	// From the client and the workspace.
	Language string   // BCP 47; "": the engine finds out
	Speakers int      // how many are expected; 0: unknown
	Title    string   // of the session
	Names    []string // that may be said, the likeliest first

	// Answer begins the keys of the objects in which a driver keeps what it
	// knows of the job. They are the session's: the caller removes them.
	Answer string
	// Kept begins the keys of the answers, which outlive the job: each is named
	// by the [Plan] that it answers, so that another attempt which would ask the
	// same finds it there, and asks no more.
	Kept string
}

// Plan names what an engine is asked by all that its answer depends on: the
// recording, the engine, and how it is asked.
func Plan(of ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	return hex.EncodeToString(sum[:10])
}

// State is how far an engine is with a job.
type State int

const (
	// None is a job of which the engine knows nothing: it was never started,
	// or got lost.
	None State = iota
	// Queued waits its turn.
	Queued
	// Running is being written down.
	Running
	// Done has its answers.
	Done
)

func (s State) String() string { return [...]string{"none", "queued", "running", "done"}[s] }

// Result is how a job stands. Answers are those of Done, in the order of time:
// one for each part of the recording that the engine was given.
type Result struct {
	State   State
	Answers []Answer
}

// Answer is an engine's own JSON, an object, for a part of the recording.
type Answer struct {
	Object string
	// StartMS is where the part begins in the recording; its times count from
	// there.
	StartMS int64
	// Parts overlap: what is said from FromMS to ToMS, in the recording, is
	// taken from this one. ToMS is 0 for the last, which ends with it.
	FromMS, ToMS int64
}

// Engine writes recordings down. Safe for concurrent use. What fails as an
// [*Error] is the engine's; any other error is that of a store or a context,
// and says nothing of the job.
type Engine interface {
	// Name is what sessions show as the engine.
	Name() string
	// Start makes the engine work on a recording, and returns before it has.
	// A job that is queued, running or done stays as it is; one that got lost,
	// or had an error that may pass, begins again, without what was answered
	// already, by whichever attempt. What the engine cannot take is refused
	// here, before anything is paid for.
	Start(ctx context.Context, r Recording) error
	// Result says how a job stands, or why the engine gave up on it. After an
	// error that may pass Start may be tried again. One that was never started is
	// done where all of its answers are kept.
	Result(ctx context.Context, r Recording) (Result, error)
	// Stop ends the work, and removes what the engine itself keeps of it;
	// where there is none it does nothing. An engine that cannot be stopped
	// while it works says Busy, and is asked again. After Stop returned nil no
	// more objects appear below r.Answer but by a Start. Of r only the Job,
	// Object, Answer and Kept are needed.
	Stop(ctx context.Context, r Recording) error
}
