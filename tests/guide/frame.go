// Package @NAME@ is a piece of Go of the guide, with what stands around it.
package @NAME@

import (
@IMPORTS@
)

@OUTSIDE@
// Run runs it.
func Run(ctx context.Context, client *sac.Client) error {
	_, _ = ctx, client
	{
@INSIDE@
	}
	return nil
}
