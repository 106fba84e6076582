package stack

import (
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/conversation"
	"griot/internal/conversation/archive"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/lifecycle"
	"griot/internal/session/recording"
	"griot/internal/session/result"
	"griot/internal/session/upload"
	"griot/internal/table"
)

// Endpoints are all endpoints, for a host that serves them as one. Each is
// handed what its constructor's parameters are of what is given; what nobody
// gave is the zero value.
func Endpoints(given ...any) (all []api.Endpoint) {
	values := valuesOf(given...)
	for _, f := range slices.Concat(sessionRows, conversationRows, serviceRows) {
		if ep := endpoint(f.New, values); ep.Path != api.Everywhere { // a host knows what it has not
			all = append(all, ep)
		}
	}
	return all
}

func valuesOf(given ...any) map[reflect.Type]reflect.Value {
	values := map[reflect.Type]reflect.Value{}
	for _, v := range given {
		values[reflect.TypeOf(v)] = reflect.ValueOf(v)
		switch v := v.(type) {
		case *conversation.Service:
			maps.Copy(values, valuesOf(above(v)...))
		case *lifecycle.Service:
			maps.Copy(values, valuesOf(v.Sessions, v.Capture, v.Uploads, v.Recordings, v.Results))
		}
	}
	return values
}

func endpoint(constructor any, values map[reflect.Type]reflect.Value) api.Endpoint {
	v := reflect.ValueOf(constructor)
	var args []reflect.Value
	for p := range v.Type().Ins() {
		args = append(args, argument(values, p))
	}
	call := v.Call
	if v.Type().IsVariadic() {
		call = v.CallSlice
	}
	return call(args)[0].Interface().(api.Endpoint)
}

// argument is the value that is of a type, or does what an interface wants.
func argument(values map[reflect.Type]reflect.Value, t reflect.Type) reflect.Value {
	if v, ok := values[t]; ok {
		return v
	}
	for given, v := range values {
		if t.Kind() == reflect.Interface && given.Implements(t) {
			return v
		}
	}
	return reflect.Zero(t)
}

// Constructor is the endpoint's constructor as it is written: sessions.Create,
// with the path of its package.
func (f Function) Constructor() (path, name string) {
	full := runtime.FuncForPC(reflect.ValueOf(f.New).Pointer()).Name()
	slash := strings.LastIndex(full, "/") + 1
	pkg, name, _ := strings.Cut(full[slash:], ".")
	return full[:slash] + pkg, pkg + "." + name
}

// Part is a thing that a constructor takes.
type Part string

// The parts are also the names of a main's variables.
const (
	SessionStore        Part = "records"
	CaptureService      Part = "words"
	UploadService       Part = "uploads"
	RecordingService    Part = "recordings"
	ResultService       Part = "results"
	SessionService      Part = "svc"
	ConversationService Part = "talks"
	MemoryService       Part = "memories"
	SearchService       Part = "searches"
	TopicService        Part = "topics"
	MergeService        Part = "merges"
	ArchiveService      Part = "archives"
	Directory           Part = "dir"
	Process             Part = "process"
	Store               Part = "store"
	StreamTimes         Part = "streams"
)

var parts = map[reflect.Type]Part{
	reflect.TypeFor[*session.Store]():        SessionStore,
	reflect.TypeFor[*capture.Service]():      CaptureService,
	reflect.TypeFor[*upload.Service]():       UploadService,
	reflect.TypeFor[*recording.Service]():    RecordingService,
	reflect.TypeFor[*result.Service]():       ResultService,
	reflect.TypeFor[*lifecycle.Service]():    SessionService,
	reflect.TypeFor[*conversation.Service](): ConversationService,
	reflect.TypeFor[*memory.Service]():       MemoryService,
	reflect.TypeFor[*find.Service]():         SearchService,
	reflect.TypeFor[*topic.Service]():        TopicService,
	reflect.TypeFor[*merge.Service]():        MergeService,
	reflect.TypeFor[*archive.Service]():      ArchiveService,
	reflect.TypeFor[*access.Directory]():     Directory,
	reflect.TypeFor[api.Process]():           Process,
	reflect.TypeFor[table.Store]():           Store,
	reflect.TypeFor[sessions.Streams]():      StreamTimes,
}

// above returns the services that stand on one of conversations.
func above(talks *conversation.Service) []any {
	return []any{
		&memory.Service{Conversations: talks}, &find.Service{Conversations: talks}, &merge.Service{Conversations: talks},
		&archive.Service{Conversations: talks},
		&topic.Service{Table: talks.Table, Jobs: talks.Jobs, Now: talks.Now},
	}
}

// Parts are what the constructor takes, in its order; "" is one that is not
// known here.
func (f Function) Parts() (list []Part) {
	t := reflect.TypeOf(f.New)
	for i := range t.NumIn() {
		if p := t.In(i); i < t.NumIn()-1 || !t.IsVariadic() { // what may be left out is
			list = append(list, parts[p])
		}
	}
	return list
}
