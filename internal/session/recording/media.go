package recording

import (
	"context"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/media"
	"griot/internal/session"
)

// mediaValid is how long the URL of a recording can be used.
const mediaValid = 15 * time.Minute

// MediaURL is where a recording can be heard for a while.
type MediaURL struct {
	URL     string
	Kind    string
	Expires time.Time
}

// Media signs a URL by which the recording of a session can be heard. A session
// that has none, or not any more, is NotFound.
func (s *Service) Media(ctx context.Context, p access.Principal, id string) (MediaURL, error) {
	sess, err := s.Sessions.Get(ctx, p, id)
	if err != nil {
		return MediaURL{}, err
	}
	none := errs.New(errs.NotFound, "the session has no recording, or it is not kept any more")
	if sess.Recording.Kind == "" {
		return MediaURL{}, none
	}
	src, kept, err := s.Uploads.KeptFile(ctx, session.Ref(p, id))
	if err != nil {
		return MediaURL{}, err
	}
	if !kept {
		return MediaURL{}, none
	}
	kind := media.Kind(sess.Recording.Kind)
	g, err := s.Sessions.Blobs.PresignGet(ctx, src.Object, blob.SignGet{ContentType: kind.ContentType(), Valid: mediaValid})
	if err != nil {
		return MediaURL{}, fmt.Errorf("signing a recording: %w", err)
	}
	return MediaURL{URL: g.URL, Kind: sess.Recording.Kind, Expires: g.Expires}, nil
}
