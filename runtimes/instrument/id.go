package instrument

import "fmt"

// ID names what the rewriting does under these options, whatever the module:
// for the key of a rewritten module in a cache.
func (o Options) ID() string {
	return fmt.Sprintf("%s %s %+v", ScheduleID, revision, o.withDefaults())
}
