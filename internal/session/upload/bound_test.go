package upload_test

import (
	"testing"

	"griot/internal/schema"
	"griot/internal/session/upload"
)

func TestTheBoundOfUploadsIsThatOfRequests(t *testing.T) {
	if want := schema.Most[upload.UploadInput]("size_bytes"); upload.MaxUpload != want {
		t.Errorf("%d and %d", upload.MaxUpload, want)
	}
}
