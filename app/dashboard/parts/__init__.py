"""What pages are made of: cards, sheets, reasons, filters, downloads."""
