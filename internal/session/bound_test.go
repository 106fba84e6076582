package session_test

import (
	"testing"

	"griot/internal/schema"
	"griot/internal/session"
)

func TestTheBoundOfUploadsIsThatOfRequests(t *testing.T) {
	if want := schema.Most[session.UploadInput]("size_bytes"); session.MaxUpload != want {
		t.Errorf("%d and %d", session.MaxUpload, want)
	}
}
