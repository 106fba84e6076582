package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/queue"
	"griot/internal/table"
)

// InboxPrefix begins the keys of objects that start a session by themselves:
// inbox/<workspace>/<project>/<template>/<name>.
const InboxPrefix = "inbox/"

// Arrived takes notice of an object that was created: an upload wakes the
// session that waits for it, a drop starts one. It returns why an object is
// none of ours, or "".
func (s *Service) Arrived(ctx context.Context, key string) (ignored string, err error) {
	switch {
	case strings.HasPrefix(key, uploadPrefix):
		return "", s.uploadArrived(ctx, key)
	case strings.HasPrefix(key, InboxPrefix):
		return s.dropArrived(ctx, key)
	default:
		return "the object is not an upload", nil
	}
}

func (s *Service) uploadArrived(ctx context.Context, key string) error {
	workspace, uploadID, _ := strings.Cut(strings.TrimPrefix(key, uploadPrefix), "/")
	up, err := s.readUpload(ctx, workspace, uploadID)
	if errs.Is(err, errs.NotFound) {
		return s.Blobs.Delete(ctx, key) // its session is deleted, or it was forgotten
	}
	if err != nil || up.SessionID == "" {
		return err
	}
	if gone, err := s.disown(ctx, workspace, up.SessionID, key); gone || err != nil {
		return err
	}
	s.send(ctx, queue.Ingest, Job{Workspace: workspace, Session: up.SessionID})
	return nil
}

// drop is an inbox key taken apart.
type drop struct{ workspace, project, template, name string }

// CheckDrop says why no session can come of an inbox key, or "". Whether
// workspace and project exist, the arrival finds out.
func CheckDrop(key string) string {
	_, problem := parseDrop(key)
	return problem
}

func parseDrop(key string) (drop, string) {
	parts := strings.SplitN(strings.TrimPrefix(key, InboxPrefix), "/", 4)
	if len(parts) != 4 || parts[3] == "" {
		return drop{}, "the key is not inbox/<workspace>/<project>/<template>/<name>"
	}
	d := drop{parts[0], parts[1], parts[2], parts[3]}
	switch {
	case !id.Valid(id.Workspace, d.workspace):
		return drop{}, "the key names no workspace"
	case !slices.Contains(extraction.Templates, d.template):
		return drop{}, "the key names no template"
	}
	return d, ""
}

// dropArrived starts a session for a drop, once per key and ETag.
func (s *Service) dropArrived(ctx context.Context, key string) (ignored string, err error) {
	d, ignored := parseDrop(key)
	if ignored != "" {
		return ignored, nil
	}
	project, err := s.Projects.Project(ctx, d.workspace, d.project)
	if errs.Is(err, errs.NotFound) {
		return "the key names no project", nil
	}
	if err != nil {
		return "", err
	}
	info, err := s.Blobs.Stat(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return "the object is gone", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking at a dropped object: %w", err)
	}
	return s.startDrop(ctx, key, info.ETag, d, project)
}

func (s *Service) startDrop(ctx context.Context, key, etag string, d drop, project access.Project) (ignored string, err error) {
	once := dropKey(d.workspace, key, etag)
	sess, err := s.create(ctx, d.workspace, plan{
		meta:      meta{project: project.ID, template: d.template, title: titleOf(d.name)},
		retention: project.RetentionDays,
		source:    source{object: key, etag: etag},
		once:      once,
	}, nil)
	if failed := table.Failed(err); failed != nil && failed.Old.Key == once {
		_, err := s.disown(ctx, d.workspace, failed.Old.Str("session"), key)
		return "the object was taken already", err
	}
	if err == nil {
		s.send(ctx, queue.Ingest, Job{Workspace: d.workspace, Session: sess.ID})
	}
	return "", err
}

// dropKey remembers that a version of an object was taken. It holds a hash
// and an id only and outlives the session, so that a late event does not bring a
// deleted one back.
func dropKey(workspace, key, etag string) table.Key {
	sum := sha256.Sum256([]byte(key + "\x00" + etag))
	return table.Key{
		Table: table.Sessions, PK: workspace + "#drops",
		SK: base64.RawURLEncoding.EncodeToString(sum[:]),
	}
}

// titleOf is the title of a dropped file: its name, as far as a title goes.
func titleOf(name string) string {
	if utf8.RuneCountInString(name) > MaxTitle {
		name = string([]rune(name)[:MaxTitle])
	}
	return name
}
