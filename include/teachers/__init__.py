"""Which models may teach: licences and terms, whether outputs may train other models, and published speeds."""
