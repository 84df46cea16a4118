"""Support for machines: tickets for the product's front end, mails that came, and the page that a survey's link opens."""
