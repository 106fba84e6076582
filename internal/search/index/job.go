package index

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Job is the body of a message in queue.Merge: the workspace to Merge.
type Job struct {
	Workspace string `json:"workspace"`
}

// Encode returns the message body of a job.
func (j Job) Encode() []byte {
	data, err := json.Marshal(j)
	if err != nil {
		panic(err) // a string always encodes
	}
	return data
}

// DecodeJob reads a message body.
func DecodeJob(body []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(body, &j); err != nil {
		return Job{}, fmt.Errorf("decoding a merge job: %w", err)
	}
	if j.Workspace == "" {
		return Job{}, errors.New("decoding a merge job: it has no workspace")
	}
	return j, nil
}
