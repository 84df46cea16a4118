"""Who is on call, and how they are paged."""
