package lifecycle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"griot/internal/errs"
	"griot/internal/session"
	"griot/internal/session/sessiontest"
)

func TestCreateNamesEveryBadField(t *testing.T) {
	svc, p := sessiontest.New(t)
	_, err := svc.Create(t.Context(), p, session.CreateInput{
		Template: "poem", Title: strings.Repeat("x", 501), RecordedAt: "yesterday",
	}, nil)
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind != errs.InvalidArgument {
		t.Fatalf("error = %v", err)
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	if want := []string{"template", "title", "interviewee_email", "recorded_at"}; !slices.Equal(fields, want) {
		t.Errorf("fields = %v, want %v", fields, want)
	}
}

func TestUploadURLs(t *testing.T) {
	svc, p := sessiontest.New(t)
	for url, kind := range map[string]errs.Kind{
		"ftp://example.com/a.vtt":                        errs.InvalidArgument,
		"http://example.com/a.vtt":                       errs.InvalidArgument,
		"https://u:p@example.com/a.vtt":                  errs.InvalidArgument,
		"https://example.com:8443/a.vtt":                 errs.InvalidArgument,
		"https://" + strings.Repeat("x", 4<<10) + ".com": errs.InvalidArgument,
		"http://127.0.0.1:3000/uploads/" + p.Workspace + "/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV": errs.NotFound,
		"http://127.0.0.1:3000/uploads/elsewhere":                                          errs.NotFound,
	} {
		_, err := svc.Create(t.Context(), p, session.CreateInput{Template: "open_exploration", Title: "x", UploadURL: url}, nil)
		if !errs.Is(err, kind) {
			t.Errorf("%.60s: %v", url, err)
		}
	}
	s, err := svc.Create(t.Context(), p, session.CreateInput{
		Template: "open_exploration", Title: "x", UploadURL: "https://10.0.0.1/a.vtt",
	}, nil)
	if err != nil || s.Status != session.InProgress {
		t.Errorf("a literal private address is refused later, not by create: %+v, %v", s, err)
	}
}
