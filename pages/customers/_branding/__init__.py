"""Parts of a tenant's branding."""
