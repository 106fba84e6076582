package session

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// source says where the bytes of an upload session come from: one of our
// uploads, somebody else's URL, or an object dropped into the inbox.
type source struct {
	upload string // upl_…
	url    string
	object string // key in the blob store, once or as soon as it is there
	etag   string // of a drop: the version that is meant
	hint   string // JSON of a transcript.Hint, "" without one
	// Of a recording: what is spoken (BCP 47, "" unless said), and by how many
	// (0 unless said).
	language string
	speakers int
	// counted are the bytes of a file that is no upload's, where they count
	// against the quota of the workspace.
	counted int64
}

func (c source) attrs() table.Attrs {
	a := table.Attrs{"upload": c.upload, "url": c.url, "object": c.object, "etag": c.etag, "hint": c.hint}
	if c.language != "" {
		a["language"] = c.language
	}
	if c.speakers > 0 {
		a["speakers"] = int64(c.speakers)
	}
	if c.counted > 0 {
		a[countedAttr] = c.counted
	}
	return a
}

func readSource(i table.Item) source {
	return source{
		upload: i.Str("upload"), url: i.Str("url"), object: i.Str("object"), etag: i.Str("etag"), hint: i.Str("hint"),
		language: i.Str("language"), speakers: int(i.Int("speakers")),
		counted: i.Int(countedAttr),
	}
}

func (c source) readHint() (h transcript.Hint, err error) {
	if c.hint != "" {
		if err = json.Unmarshal([]byte(c.hint), &h); err != nil {
			err = fmt.Errorf("decoding the hint of a session: %w", err)
		}
	}
	return h, err
}

// takeUpload marks the upload as this session's, unless it is another's.
func (c source) takeUpload(ref record.Ref) []table.Op {
	if c.upload == "" {
		return nil
	}
	return []table.Op{
		table.Update(uploadKey(record.In(ref.Workspace, c.upload)),
			table.Attrs{"session": ref.ID}, table.Exists(), table.Missing("session")),
		table.Delete(task.Row(forgottenAt(c.upload), record.In(ref.Workspace, c.upload))),
	}
}

const uploadPrefix = "uploads/"

// uploadObject is the key of an upload's bytes.
func uploadObject(upload record.Ref) string {
	return uploadPrefix + upload.Workspace + "/" + upload.ID
}

// parseSource recognises our own upload URLs first, whatever their scheme and
// query; any other must be plain https (contract D 10).
func (s *Service) parseSource(bad *schema.Problems, raw string) source {
	if raw == "" {
		return source{}
	}
	if key, ok := s.Blobs.KeyOf(raw); ok {
		return source{upload: uploadIn(key), object: key}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		bad.Invalid("upload_url", "invalid", "is not a URL")
	case u.Scheme != "https" && !(s.LoopbackURLs && u.Scheme == "http"):
		bad.Invalid("upload_url", "invalid", "must be an https URL")
	case u.User != nil:
		bad.Invalid("upload_url", "invalid", "must not contain a user or password")
	case !s.portAllowed(u.Port()):
		bad.Invalid("upload_url", "invalid", "must use port 443")
	}
	return source{url: raw}
}

func (s *Service) portAllowed(port string) bool {
	return port == "" || port == "443" || s.LoopbackURLs
}

// uploadIn returns the id of the upload whose object key this is; a key of
// anything else gives an id that does not exist.
func uploadIn(key string) string {
	_, uploadID, _ := strings.Cut(strings.TrimPrefix(key, uploadPrefix), "/")
	if !id.Valid(id.Upload, uploadID) {
		return "unknown"
	}
	return uploadID
}

// sendRead sends the work that reads an upload session's bytes. An object that
// is not there yet brings a message of its own when it arrives.
func (s *Service) sendRead(ctx context.Context, ref record.Ref, src source) {
	switch {
	case src.object != "":
		s.Jobs.Send(ctx, task.ReadFile, task.Of(ref))
	case src.url != "":
		s.Jobs.Send(ctx, task.FetchURL, task.Of(ref))
	}
}
