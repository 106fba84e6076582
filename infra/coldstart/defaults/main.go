// Command defaults is functions/sessions-get with the SDK's own configuration
// and the system's certificates: what building both by hand saves.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"griot/internal/api/sessions"
	"griot/internal/lambdafn"
	"griot/internal/limit"
	"griot/internal/session"
	"griot/internal/setup"
	"griot/internal/table"
	"griot/internal/table/dynamo"
)

func main() {
	c := setup.Must(config.LoadDefaultConfig(context.Background()))
	store := dynamo.New(c, map[table.Name]string{
		table.Access: os.Getenv("GRIOT_TABLE_ACCESS"), table.Sessions: os.Getenv("GRIOT_TABLE_SESSIONS"),
	}, time.Now)
	records := &session.Store{Table: store, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, limit.Share(limit.DefaultReadUnits, limit.DefaultWriteUnits), sessions.Get(records)))
}
