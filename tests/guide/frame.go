// Package @NAME@ is a piece of Go in the guide, and the program around it.
package @NAME@

import (
@IMPORTS@
)

@OUTSIDE@
// Run runs the piece.
func Run(ctx context.Context, client *sac.Client) error {
	_, _ = ctx, client
	{
@INSIDE@
	}
	return nil
}
