package sessions

import (
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/openapi"
	"griot/internal/session"
)

// All is the whole sessions API, for a host that serves it as one.
func All(svc *session.Service, dir *access.Directory, streams Streams) []api.Endpoint {
	return []api.Endpoint{
		Create(svc), List(svc), Get(svc), Delete(svc),
		Transcript(svc, streams), Append(svc), Segments(svc),
		Cancel(svc), Complete(svc), Retry(svc), Extraction(svc), Extract(svc), Media(svc),
		CreateUpload(svc), GetUpload(svc), GetDeletion(svc),
		ListProjects(dir), CreateProject(dir),
		openapi.Endpoint(),
	}
}
