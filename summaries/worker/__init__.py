"""The worker: the one place that reads what members ask to have summarised.

It holds the private key that requests are sealed to, and the model's key. Celery's process imports
it (without Redis a thread of the web server, and pages say so); nothing of the web tier does.
"""
