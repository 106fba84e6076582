package stack

import (
	"griot/internal/api"
	"griot/internal/api/openapi"
)

// serviceRows are what is said about the service itself.
var serviceRows = []Function{
	{New: openapi.Endpoint, Alarms: Service},
	{New: api.Health, Alarms: Service, Access: Get},
	{New: api.Livez, Alarms: Service},
	{New: openapi.ConversationsEndpoint, Alarms: Service},
	{New: api.SystemHealth, Alarms: Service},
	{New: api.Unknown, Alarms: Service, Memory: 128},
}
